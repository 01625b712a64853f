import type { RoomInfo } from '../protocol/types'
import type { Waiting } from './preferences'
import type { Pointers } from './reads'

/** What somebody else has said in a room. */
export interface Line {
  seq: number
  name: string
  text: string
  /** Whether it is known to name the person. */
  names?: boolean
}

/** What has come in a room since the last look. */
export interface Coming extends Waiting {
  room: RoomInfo
  /** The last message, and the last that names the person, where they were heard. */
  last: Line | undefined
  naming: Line | undefined
}

/** How a room stood at the last look. */
interface Known {
  /** The n of its last message. */
  n: number
  /** How far it was read, and how often what was not read named the person. */
  read: number
  mentions: number
}

/**
 * News tells what has come in the person's rooms from one look to the next. It
 * goes by the counts, which are right however messages come: live, by catching
 * up, or told in short. What they say is heard beside that, and may be missing.
 */
export class News {
  readonly #known = new Map<number, Known>()
  readonly #last = new Map<number, Line>()
  readonly #naming = new Map<number, Line>()

  /** Heard takes note of what a message says, until a look at which the list has come as far. */
  heard(roomId: number, line: Line): void {
    const last = this.#last.get(roomId)
    if (!last || last.seq < line.seq) this.#last.set(roomId, line)
    if (line.names) this.#naming.set(roomId, line)
  }

  /** Deleted forgets what a message said. */
  deleted(roomId: number, seq: number): void {
    for (const lines of [this.#last, this.#naming]) if (lines.get(roomId)?.seq === seq) lines.delete(roomId)
  }

  /**
   * Look returns the rooms in which something has come since the last look and
   * is not read. What waits already when a room is seen for the first time is
   * no news, unless the room itself is new, because all rooms were known.
   */
  look(rooms: readonly RoomInfo[], pointers: Pointers, allKnown: boolean): Coming[] {
    const news: Coming[] = []
    for (const room of rooms) {
      const pointer = pointers[room.id]
      if (!room.role || !pointer) continue
      const now: Known = { n: room.head.n, read: pointer.n, mentions: pointer.mentions }
      const before =
        this.#known.get(room.id) ?? (allKnown ? { n: now.read, read: now.read, mentions: 0 } : now)
      this.#known.set(room.id, now)
      const unread = Math.max(0, now.n - Math.max(before.n, now.read))
      const mentions = mentionsSince(before, now)
      if (unread > 0 || mentions > 0)
        news.push({
          room,
          unread,
          mentions,
          last: this.#last.get(room.id),
          naming: this.#naming.get(room.id),
        })
    }
    // What the list does not show yet is told with the look at which it does.
    const shown = new Map(rooms.map(({ id, head }) => [id, head.seq]))
    for (const lines of [this.#last, this.#naming])
      for (const [id, { seq }] of lines) if (seq <= (shown.get(id) ?? 0)) lines.delete(id)
    return news
  }
}

/** How many mentions came between two looks. */
function mentionsSince(before: Known, now: Known): number {
  // Whoever marks a room as unread has seen what names them.
  if (now.read < before.read) return 0
  // What was counted before may be read by now, all of it or a part.
  const old = now.read >= before.n ? 0 : before.mentions
  return Math.max(0, now.mentions - old)
}
