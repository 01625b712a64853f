import { memo, type ReactNode } from 'react'
import { blocks, type Inline } from '../../conversation/formatting'
import styles from './RichText.module.css'

/** RichText is a message's text with its links and marks, made of nodes, never of markup. */
export const RichText = memo(function RichText({ text }: { text: string }) {
  return blocks(text).map((block, at) => {
    // The blocks of a text are what they are: one that is another has another text.
    const key = `${at}`
    if (block.type === 'code')
      return (
        <pre key={key} className={styles.block} dir="ltr">
          <code>{block.text}</code>
        </pre>
      )
    const parts = pieces(block.parts)
    if (block.type === 'text') return <span key={key}>{parts}</span>
    return (
      <blockquote key={key} className={styles.quote} dir="auto">
        {parts}
      </blockquote>
    )
  })
})

function pieces(parts: readonly Inline[]): ReactNode[] {
  return parts.map((part, at) => {
    const key = `${at}`
    switch (part.type) {
      case 'text':
        return part.text
      case 'code':
        return (
          <code key={key} className={styles.code} dir="ltr">
            {part.text}
          </code>
        )
      case 'link':
        return (
          <a
            key={key}
            href={part.href}
            target="_blank"
            rel="noopener noreferrer"
            title={part.href === part.text ? undefined : part.href}
          >
            {part.text}
          </a>
        )
      default: {
        const Mark = part.type
        return <Mark key={key}>{pieces(part.parts)}</Mark>
      }
    }
  })
}
