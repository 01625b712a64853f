import { useEffect, useState } from 'react'
import { plain } from '../../conversation/formatting'
import type { Event, RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { useWorkspace } from '../workspace'

/** Messages of so many milliseconds are announced together. */
const gather = 1_500
/** More messages than this are counted instead of read out. */
const mostRead = 2

/**
 * Announcer tells screen readers of new messages of others in the open room:
 * live ones only, gathered, in a region of its own, so that loading history or
 * moving through the timeline never speaks.
 */
export function Announcer({ room }: { room: RoomInfo }) {
  const workspace = useWorkspace()
  const [words, setWords] = useState('')
  useEffect(() => {
    let waiting: Event[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const speak = () => {
      timer = undefined
      setWords(announcement(waiting))
      waiting = []
    }
    const unsubscribe = workspace.onArrival((roomId, event, live) => {
      if (roomId !== room.id || !live) return
      if (event.kind === 'delete') {
        // What is deleted stands nowhere any more, here neither.
        waiting = waiting.filter(({ seq }) => seq !== event.targetSeq)
        setWords('')
      }
      if (event.kind !== 'message' || event.userId === workspace.user.id) return
      waiting.push(event)
      timer ??= setTimeout(speak, gather)
    })
    return () => {
      unsubscribe()
      clearTimeout(timer)
    }
  }, [workspace, room.id])
  return (
    <div className="visually-hidden" aria-live="polite">
      {words}
    </div>
  )
}

function announcement(events: readonly Event[]): string {
  if (events.length > mostRead) return t('timeline.arrivedMany', { count: events.length })
  return events
    .map(({ userName = '', messageText = '' }) =>
      t('timeline.arrived', { name: userName, text: plain(messageText) }),
    )
    .join('. ')
}
