import { useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import type { Members, MembersView } from '../../conversation/members'
import { useWorkspace } from '../workspace'

/** UseMembers reads who is in the room, and follows it while a part of the page shows it. */
export function useMembers(roomId: number): { members: Members; view: MembersView } {
  const workspace = useWorkspace()
  const members = useMemo(() => workspace.members(roomId), [workspace, roomId])
  const view = useStore(members.state)
  useEffect(() => {
    void members.refresh()
    const end = workspace.onArrival((room, { kind }) => {
      if (room === roomId) members.happened(kind)
    })
    // Of a long absence not every event comes.
    const unwatch = workspace.client.watch(({ phase }) => phase === 'up' && void members.refresh())
    return () => {
      end()
      unwatch()
      members.close()
    }
  }, [workspace, members, roomId])
  return { members, view }
}
