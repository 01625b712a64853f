import type { Event } from '../protocol/types'

/** People who joined, or left, as one statement; everything else stands alone. */
export type Statement =
  | { kind: 'join' | 'leave'; names: readonly string[] }
  | { kind: 'create' | 'kick' | 'ban' | 'rename' | 'topic'; name: string; to: string }

/**
 * Statements tells neighbouring events that are no messages in as few words as
 * possible: joins together, leaves together, and nothing about a person who
 * came and went again.
 */
export function statements(events: readonly Event[]): Statement[] {
  const list: Statement[] = []
  const moved = new Map<number, { kind: 'join' | 'leave'; name: string }>()
  for (const event of events) {
    if (event.kind === 'join' || event.kind === 'leave') {
      const id = event.userId ?? 0
      const before = moved.get(id)
      if (before && before.kind !== event.kind) moved.delete(id)
      else moved.set(id, { kind: event.kind, name: event.userName ?? '' })
      continue
    }
    const kind = event.kind as 'create' | 'kick' | 'ban' | 'rename' | 'topic'
    list.push({ kind, name: event.userName ?? '', to: event.name ?? event.topic ?? '' })
  }
  for (const kind of ['join', 'leave'] as const) {
    const names = [...moved.values()].filter((move) => move.kind === kind).map((move) => move.name)
    if (names.length > 0) list.push({ kind, names })
  }
  return list
}
