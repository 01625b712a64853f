import type { RoomInfo } from '../../protocol/types'
import type { Option, Source } from './completing'
import { rankOf } from './rank'

export interface RoomOption extends Option {
  kind: 'room'
  room: RoomInfo
}

const shown = 20

/** RoomSource knows the rooms that have a name: those that one is in first, then those that are open to join. */
export class RoomSource implements Source<RoomOption> {
  readonly least = 0
  readonly #rooms: () => readonly RoomInfo[]

  constructor(rooms: () => readonly RoomInfo[]) {
    this.#rooms = rooms
  }

  find(query: string): readonly RoomOption[] {
    // Behind a space it is a name that goes on, or the sentence does.
    const spaced = /\s/.test(query)
    return this.#rooms()
      .filter(({ kind, name, archived }) => kind !== 'direct' && name !== '' && !archived)
      .filter(({ name }) => !spaced || name.toLowerCase().startsWith(query.toLowerCase()))
      .map((room) => ({ room, rank: rankOf(query, room.name) }))
      .filter(({ rank }) => rank > 0)
      .sort((a, b) => Number(!a.room.role) - Number(!b.room.role) || b.rank - a.rank)
      .slice(0, shown)
      .map(({ room }) => ({
        kind: 'room',
        id: `room-${room.id}`,
        text: `#${room.name}`,
        complete: query.toLowerCase() === room.name.toLowerCase(),
        room,
      }))
  }

  learn(): undefined {
    return undefined
  }
}
