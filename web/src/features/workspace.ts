import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import {
  counted,
  type Preference,
  type PreferenceMap,
  preferenceFor,
  told,
  type Waiting,
} from '../conversation/preferences'
import type { ChosenStatus } from '../conversation/status'
import { unread, type Workspace } from '../conversation/workspace'
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

/** UseRoom is one room of the list. */
export function useRoom(id: number): RoomInfo | undefined {
  return useStore(useWorkspace().rooms.state, (state) => state.rooms.find((room) => room.id === id))
}

/** UsePreferences is how the person wants their rooms to be shown. */
export function usePreferences(): PreferenceMap {
  return useStore(useWorkspace().preferences.state)
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
export function useCounted(): Readonly<Record<number, number>> {
  return useWaiting(counted)
}

/** UseTold is how many messages the page's title and icon speak of. */
export function useTold(): number {
  return Object.values(useWaiting(told)).reduce((sum, count) => sum + count, 0)
}

function useWaiting(
  count: (preference: Preference, waiting: Waiting, kind: string) => number,
): Readonly<Record<number, number>> {
  const rooms = useRooms()
  const unread = useUnread()
  const mentions = useMentions()
  const preferences = usePreferences()
  const counts = rooms.map(({ id, kind }) => {
    const waits = unread[id] ?? 0
    const waiting = { unread: waits, mentions: waits && (mentions[id] ?? 0) }
    return [id, count(preferenceFor(preferences, id), waiting, kind)] as const
  })
  return Object.fromEntries(counts.filter(([, waits]) => waits > 0))
}

/** UseUnread is the number of unread messages of each room that has some. */
export function useUnread(): Readonly<Record<number, number>> {
  const { rooms, reads } = useWorkspace()
  const list = useStore(rooms.state, (state) => state.rooms)
  return useStore(
    reads.state,
    useShallow((pointers) =>
      Object.fromEntries(
        list.map((room) => [room.id, unread(room, pointers)]).filter(([, count]) => count !== 0),
      ),
    ),
  )
}

/** UseMentions is how often the person is named in what is unread of each room. */
export function useMentions(): Readonly<Record<number, number>> {
  const { reads } = useWorkspace()
  return useStore(
    reads.state,
    useShallow((pointers) =>
      Object.fromEntries(
        Object.entries(pointers)
          .filter(([, { mentions }]) => mentions > 0)
          .map(([id, { mentions }]) => [id, mentions]),
      ),
    ),
  )
}
