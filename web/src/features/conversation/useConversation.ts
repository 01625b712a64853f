import { useLayoutEffect, useState } from 'react'
import type { Conversation } from '../../conversation/conversation'
import { useWorkspace } from '../workspace'

/**
 * UseConversation opens the room's conversation while a part of the page shows
 * it: to read as a member, as a preview for somebody who is none.
 */
export function useConversation(roomId: number, member: boolean | undefined): Conversation | undefined {
  const workspace = useWorkspace()
  const [conversation, setConversation] = useState<Conversation>()
  useLayoutEffect(() => {
    if (member === undefined) return
    const interest = member ? 'read' : 'preview'
    const opened = workspace.conversation(roomId, interest)
    opened.want(interest)
    setConversation(opened)
  }, [workspace, roomId, member])
  useLayoutEffect(() => {
    if (!conversation) return
    return () => workspace.leave(conversation)
  }, [workspace, conversation])
  return conversation
}
