import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
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
