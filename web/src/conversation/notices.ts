import type { Event } from '../protocol/types'

/** Kinds of events that are told alone, in a sentence of their own. */
export type Told =
  | 'create'
  | 'begin'
  | 'invite'
  | 'kick'
  | 'ban'
  | 'unban'
  | 'rename'
  | 'topic'
  | 'topicNone'
  | 'roleOwner'
  | 'roleAdmin'
  | 'roleMember'
  | 'public'
  | 'private'
  | 'archive'
  | 'unarchive'

/** People who joined, or left, as one statement; everything else stands alone. */
export type Statement =
  | { kind: 'join' | 'leave'; names: readonly string[] }
  | { kind: Told; name: string; to: string }

/**
 * Statements tells neighbouring events that are no messages in as few words as
 * possible: joins together, leaves together, and nothing about a person who
 * came and went again. NameOf says how somebody is called to whom something
 * was done.
 */
export function statements(events: readonly Event[], nameOf: (id: number) => string): Statement[] {
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
    const to = event.targetUser ? nameOf(event.targetUser) : (event.name ?? event.topic ?? '')
    list.push({ kind: told(event), name: event.userName ?? '', to })
  }
  for (const kind of ['join', 'leave'] as const) {
    const names = [...moved.values()].filter((move) => move.kind === kind).map((move) => move.name)
    if (names.length > 0) list.push({ kind, names })
  }
  return list
}

function told({ kind, topic, role, roomKind }: Event): Told {
  switch (kind) {
    case 'create':
      return roomKind === 'direct' || roomKind === 'group' ? 'begin' : 'create'
    case 'topic':
      return topic ? 'topic' : 'topicNone'
    case 'role':
      return role === 'owner' ? 'roleOwner' : role === 'admin' ? 'roleAdmin' : 'roleMember'
    case 'visibility':
      return roomKind === 'private' ? 'private' : 'public'
  }
  return kind as Told
}
