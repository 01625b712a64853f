import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import { isCut } from '../connection/notice'
import type { ByRoom } from '../conversation/counts'
import type { PreferenceMap } from '../conversation/preferences'
import type { ChosenStatus } from '../conversation/status'
import type { Workspace } from '../conversation/workspace'
import type { RoomInfo, Self } from '../protocol/types'

const WorkspaceContext = createContext<Workspace | undefined>(undefined)

export const WorkspaceProvider = WorkspaceContext.Provider

/** UseWorkspace is the workspace of the signed-in person. */
export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext)
  if (!workspace) throw new Error('this part needs a signed-in person around it')
  return workspace
}

/** UseSelf is the signed-in person, as they are called now. */
export function useSelf(): Self {
  const workspace = useWorkspace()
  return useStore(workspace.session.state, () => workspace.user)
}

/** UseRooms is the list of rooms, by name. */
export function useRooms(): readonly RoomInfo[] {
  return useStore(useWorkspace().rooms.state, (state) => state.rooms)
}

/**
 * UseStillRooms is the list for whoever has no interest in what is said: how far
 * a room has come, and how many people are in it, may be from before.
 */
export function useStillRooms(): readonly RoomInfo[] {
  return useStore(useWorkspace().rooms.still)
}

/** UseRoom is one room of the list. */
export function useRoom(id: number): RoomInfo | undefined {
  return useStore(useWorkspace().rooms.state, (state) => state.rooms.find((room) => room.id === id))
}

/** UsePreferences is how the person wants their rooms to be shown. */
export function usePreferences(): PreferenceMap {
  return useStore(useWorkspace().preferences.state)
}

/** UseCut says whether the server has not been heard for longer than a moment: nobody knows then who is online. */
export function useCut(): boolean {
  return useStore(useWorkspace().notice.state, isCut)
}

/** UseOwnStatus is how the person has chosen to be shown to others. */
export function useOwnStatus(): ChosenStatus {
  return useStore(useWorkspace().ownStatus.state)
}

/** UseDrafts is the rooms in which the person has begun to write. */
export function useDrafts(): ReadonlySet<number> {
  return useStore(useWorkspace().drafts.state)
}

/** UseCounted is what the list shows of each room in which something waits for the person. */
export function useCounted(): ByRoom {
  return useStore(useWorkspace().counts, ({ counted }) => counted)
}

/** UseTold is how many messages the page's title and icon speak of. */
export function useTold(): number {
  return useStore(useWorkspace().counts, ({ told }) => told)
}

/** UseUnread is the number of unread messages of each room that has some. */
export function useUnread(): ByRoom {
  return useStore(useWorkspace().counts, ({ unread }) => unread)
}

/** UseMentions is how often the person is named in what is unread of each room. */
export function useMentions(): ByRoom {
  return useStore(useWorkspace().counts, ({ mentions }) => mentions)
}
