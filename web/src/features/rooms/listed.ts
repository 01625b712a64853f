import { type PreferenceMap, preferenceFor } from '../../conversation/preferences'
import type { RoomInfo } from '../../protocol/types'

/** What the sidebar shows, section by section. */
export interface Listed {
  /** What the person has starred, of every kind, in the order of their choice. The rest stands below by kind. */
  starred: readonly RoomInfo[]
  /** Public and private rooms that the person is in. */
  mine: readonly RoomInfo[]
  /** Conversations between few: direct rooms and groups. */
  direct: readonly RoomInfo[]
  /** Public rooms that are open to join. */
  open: readonly RoomInfo[]
  archived: readonly RoomInfo[]
}

/** Listed divides the rooms as the sidebar shows them. */
export function listed(rooms: readonly RoomInfo[], preferences: PreferenceMap): Listed {
  const between = ({ kind }: RoomInfo) => kind === 'direct' || kind === 'group'
  const present = rooms.filter((room) => room.role && !room.archived)
  const place = ({ id }: RoomInfo) => preferenceFor(preferences, id).place
  const starred = present
    .filter(({ id }) => preferenceFor(preferences, id).starred)
    .sort((one, other) => place(one) - place(other) || one.id - other.id)
  const others = present.filter((room) => !starred.includes(room))
  return {
    starred,
    mine: others.filter((room) => !between(room)),
    direct: others.filter(between),
    open: rooms.filter((room) => !room.role && !room.archived && room.kind === 'public'),
    archived: rooms.filter((room) => room.role && room.archived),
  }
}
