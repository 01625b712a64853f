import { createStore } from 'zustand/vanilla'
import { preferenceFor } from '../../conversation/preferences'
import { places } from '../../conversation/starOrder'
import type { Workspace } from '../../conversation/workspace'
import type { RoomInfo } from '../../protocol/types'
import { explain } from '../failure'
import { warn } from '../notices/toast'
import { listed } from './listed'

/** The room that was moved last, and where it stands since, from 1 on; said aloud. */
export const moved = createStore<Moved | null>(() => null)

export interface Moved {
  room: RoomInfo
  to: number
  count: number
}

/** StarredIn is the starred rooms in their order, as it is now. */
export function starredIn({ rooms, preferences }: Workspace): readonly RoomInfo[] {
  return listed(rooms.state.getState().rooms, preferences.state.getState()).starred
}

/** MoveBy moves a starred room up or down; at an end it stays. */
export function moveBy(workspace: Workspace, id: number, by: 1 | -1): void {
  moveTo(workspace, id, starredIn(workspace).findIndex((room) => room.id === id) + by)
}

/** MoveTo moves a starred room to an index among them, for all devices. Where it is there already, or there is none, nothing is done. */
export function moveTo(workspace: Workspace, id: number, to: number): void {
  const { preferences } = workspace
  const starred = starredIn(workspace)
  const room = starred.find((one) => one.id === id)
  if (!room || starred[to] === undefined || starred[to] === room) return
  const shown = preferences.state.getState()
  const order = starred.map((one) => ({ id: one.id, place: preferenceFor(shown, one.id).place }))
  for (const [one, place] of places(order, id, to))
    preferences.change(one, { place }).catch((failure) => warn(explain(failure)))
  moved.setState({ room, to: to + 1, count: starred.length }, true)
}
