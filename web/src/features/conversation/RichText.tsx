import { memo } from 'react'
import { links } from '../../conversation/links'

/** RichText is a message's text with its links, made of nodes, never of markup. */
export const RichText = memo(function RichText({ text }: { text: string }) {
  let at = 0
  return links(text).map(({ text: piece, href }) => {
    const key = at
    at += piece.length
    if (href === undefined) return piece
    return (
      <a
        key={key}
        href={href}
        target="_blank"
        rel="noopener noreferrer"
        title={href === piece ? undefined : href}
      >
        {piece}
      </a>
    )
  })
})
