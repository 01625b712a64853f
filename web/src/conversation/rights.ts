import type { RoomInfo } from '../protocol/types'

/** What a person may want to do with a room or with somebody in it. */
export type Deed =
  | 'invite'
  /** Make and end links into the room. */
  | 'link'
  /** Change name and topic. */
  | 'describe'
  /** Take people out, and what others wrote. */
  | 'moderate'
  | 'ban'
  /** Give roles, change between public and private, archive. */
  | 'govern'
  | 'leave'

type Standing = Pick<RoomInfo, 'kind' | 'role'>

const ranks: Readonly<Record<string, number>> = { member: 1, admin: 2, owner: 3 }
const never = 4

/** The least rank that a deed takes in each kind of room: the server's table, so that nothing is offered in vain. */
const least: Readonly<Record<Deed, Readonly<Record<string, number>>>> = {
  invite: { public: 1, private: 2, group: 1, direct: never },
  link: { public: 2, private: 2, group: never, direct: never },
  describe: { public: 2, private: 2, group: 1, direct: never },
  moderate: { public: 2, private: 2, group: never, direct: never },
  ban: { public: 2, private: 2, group: never, direct: never },
  govern: { public: 3, private: 3, group: never, direct: never },
  leave: { public: 1, private: 1, group: 1, direct: never },
}

/** May reports whether the person's role in the room allows the deed. The server judges; this decides what is shown. */
export function may(room: Standing, deed: Deed): boolean {
  return rankOf(room.role) >= (least[deed][room.kind] ?? never)
}

/** Outranks reports whether the person's role allows acting on a member of another role: only on lower ones. */
export function outranks(room: Standing, role: string): boolean {
  return rankOf(room.role) > rankOf(role)
}

function rankOf(role: string | undefined): number {
  return ranks[role ?? ''] ?? 0
}
