import { useStore } from 'zustand'
import { type Status, statusOf } from '../../conversation/status'
import { useWorkspace } from '../workspace'

/** UsePeerStatus is how a person is shown in a room that one shares with them; undefined until that is known. */
export function usePeerStatus(roomId: number, peerId: number): Status | undefined {
  const conversation = useWorkspace().conversation(roomId, 'listen')
  return useStore(conversation.state, ({ online }) => statusOf(online, peerId))
}
