import { titleOf } from '../../conversation/rooms'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'

/** TitleFor is what people read as the room's name, also where it has none. */
export function titleFor(room: RoomInfo): string {
  return titleOf(room) || t(room.kind === 'direct' ? 'rooms.deletedPerson' : 'rooms.nameless')
}
