import { useStore } from 'zustand'
import { useWorkspace } from '../workspace'

/** UsePeerOnline says whether a person is here, as seen in a room that one shares with them. */
export function usePeerOnline(roomId: number, peerId: number): boolean {
  const conversation = useWorkspace().conversation(roomId, 'listen')
  return useStore(conversation.state, ({ online }) => online.some(({ id }) => id === peerId))
}
