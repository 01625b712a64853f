import { memo, type ReactNode } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import { blocks, type Inline } from '../../conversation/formatting'
import { type Known, named } from '../../conversation/names'
import { addressOf } from '../rooms/address'
import { useWorkspace } from '../workspace'
import styles from './RichText.module.css'

/** RichText is a message's text with its links, names and marks, made of nodes, never of markup. */
export const RichText = memo(function RichText({ text }: { text: string }) {
  const { names, user } = useWorkspace()
  const known = { ...useStore(names.state), self: user.id }
  return blocks(text).map((block, at) => {
    // The blocks of a text are what they are: one that is another has another text.
    const key = `${at}`
    if (block.type === 'code')
      return (
        <pre key={key} className={styles.block} dir="ltr">
          <code>{block.text}</code>
        </pre>
      )
    if (block.type === 'list') {
      const List = block.numbered ? 'ol' : 'ul'
      return (
        <List key={key} className={styles.list}>
          {block.items.map(({ mark, depth, parts }, at) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: an item that is another has another text.
              key={at}
              value={block.numbered ? Number.parseInt(mark, 10) : undefined}
              data-depth={depth}
              dir="auto"
            >
              {pieces(parts, known)}
            </li>
          ))}
        </List>
      )
    }
    const parts = pieces(block.parts, known)
    if (block.type === 'text') return <span key={key}>{parts}</span>
    return (
      <blockquote key={key} className={styles.quote} dir="auto">
        {parts}
      </blockquote>
    )
  })
})

/** What the reader knows, and who that is. */
type Reader = Known & { self: number }

/** Text is words, in which those that name somebody stand out, and those that name a room lead there. */
function Text({ text, known }: { text: string; known: Reader }): ReactNode {
  return named(text, known).map(({ text: words, person, room }, at) => {
    const key = `${at}`
    if (room)
      return (
        <Link key={key} href={addressOf(room)}>
          {words}
        </Link>
      )
    if (!person) return words
    return (
      <bdi
        key={key}
        dir="ltr"
        title={person.name}
        className={person.id === known.self ? styles.self : styles.person}
      >
        {words}
      </bdi>
    )
  })
}

function pieces(parts: readonly Inline[], known: Reader): ReactNode[] {
  return parts.map((part, at) => {
    const key = `${at}`
    switch (part.type) {
      case 'text':
        return <Text key={key} text={part.text} known={known} />
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
        return <Mark key={key}>{pieces(part.parts, known)}</Mark>
      }
    }
  })
}
