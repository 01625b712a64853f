import type { RoomInfo } from '../../protocol/types'

/** What the sidebar shows, section by section. */
export interface Listed {
  /** Rooms and groups with a name, that the person is in. */
  mine: readonly RoomInfo[]
  /** Conversations between few: direct rooms and groups. */
  direct: readonly RoomInfo[]
  /** Public rooms that are open to join. */
  open: readonly RoomInfo[]
  archived: readonly RoomInfo[]
}

/** Listed divides the rooms as the sidebar shows them. */
export function listed(rooms: readonly RoomInfo[]): Listed {
  const between = ({ kind }: RoomInfo) => kind === 'direct' || kind === 'group'
  const present = rooms.filter((room) => room.role && !room.archived)
  return {
    mine: present.filter((room) => !between(room)),
    direct: present.filter(between),
    open: rooms.filter((room) => !room.role && !room.archived && room.kind === 'public'),
    archived: rooms.filter((room) => room.role && room.archived),
  }
}
