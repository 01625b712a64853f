import { useEffect, useState } from 'react'
import type { Status } from '../../conversation/status'
import { t } from '../../text/text'
import { shortTime, timeAgo } from '../../text/time'
import { useWorkspace } from '../workspace'

/** Milliseconds after which the server has written down when somebody went. */
const written = 4_000
const minute = 60_000

interface Props {
  /** A direct room. */
  roomId: number
  peerId: number
  status: Status
}

/** PeerStatus is how the other person of a direct room is shown, in words, and when they were last here if they are not. */
export function PeerStatus({ roomId, peerId, status }: Props) {
  const [wasHere, setWasHere] = useState(false)
  if (status === 'offline') return <LastSeen roomId={roomId} peerId={peerId} after={wasHere ? written : 0} />
  if (!wasHere) setWasHere(true)
  return t(`status.${status}`)
}

/** LastSeen reads after so many milliseconds when somebody was last here. Not everybody lets others see it. */
function LastSeen({ roomId, peerId, after }: { roomId: number; peerId: number; after: number }) {
  const workspace = useWorkspace()
  const [at, setAt] = useState<number>()
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const members = workspace.members(roomId)
    const end = members.state.subscribe(({ members }) => {
      setAt(members.find(({ id }) => id === peerId)?.lastSeen)
      setNow(Date.now())
    })
    const reading = setTimeout(() => void members.refresh(), after)
    const ticking = setInterval(() => setNow(Date.now()), minute)
    return () => {
      end()
      members.close()
      clearTimeout(reading)
      clearInterval(ticking)
    }
  }, [workspace, roomId, peerId, after])

  if (!at) return t('status.offline')
  return (
    <time dateTime={new Date(at).toISOString()} title={shortTime(at)}>
      {t('people.lastSeen', { when: timeAgo(at, now) })}
    </time>
  )
}
