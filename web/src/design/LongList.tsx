import type { CSSProperties, ReactNode } from 'react'
import styles from './LongList.module.css'

/** So many items are, on average, laid out and painted together. */
export const together = 8

interface Props<Item> {
  items: readonly Item[]
  /** How high an item is, as a length of style sheets, until it was in sight. */
  height: string
  /** An element with the role listitem. */
  children: (item: Item) => ReactNode
}

/**
 * LongList is a list of which only what is in sight, or close to it, is laid
 * out and painted. All of it is in the page: it can be found, reached by key
 * and read aloud. Nothing may stand between a ul and its items: it is one by its role.
 */
export function LongList<Item extends { id: number }>({ items, height, children }: Props<Item>) {
  return (
    <div role="list">
      {parts(items).map((part, at) => (
        <div
          key={at === 0 ? 'first' : part[0]?.id}
          className={styles.part}
          style={{ '--height': `calc(${part.length} * ${height})` } as CSSProperties}
        >
          {part.map(children)}
        </div>
      ))}
    </div>
  )
}

/**
 * Parts cuts a list into parts. Where it is cut the items say themselves, so
 * that one that comes or goes leaves all others in the parts where they are.
 */
export function parts<Item extends { id: number }>(items: readonly Item[]): Item[][] {
  const found: Item[][] = []
  for (const item of items) {
    const last = found.at(-1)
    if (last && item.id % together !== 0) last.push(item)
    else found.push([item])
  }
  return found
}
