import type { RoomInfo } from '../../protocol/types'

/** Listed divides the rooms as the sidebar shows them: those the person is in, and those open to join. */
export function listed(rooms: readonly RoomInfo[]): { mine: readonly RoomInfo[]; open: readonly RoomInfo[] } {
  return {
    mine: rooms.filter((room) => room.role && !room.archived),
    open: rooms.filter((room) => !room.role && !room.archived && room.kind === 'public'),
  }
}
