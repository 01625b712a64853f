import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import type { Conversation } from '../../conversation/conversation'
import type { Line } from '../../conversation/timeline'
import { Dialog } from '../../design/Dialog'
import { useMedia } from '../../design/media'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { reasonOf } from '../failure'
import { chord, isField, useKeys } from '../keys'
import { quiet, settled } from '../rare'
import { addressOf } from '../rooms/address'
import { lastRoom } from '../rooms/last'
import { useStill } from '../rooms/still'
import { useRoom, useWorkspace } from '../workspace'
import { Announcer } from './Announcer'
import { Composer } from './Composer'
import { Foot } from './Foot'
import { Refused } from './Refused'
import { RoomHeader } from './RoomHeader'
import styles from './RoomPage.module.css'
import { Timeline, type TimelineHandle } from './Timeline'
import { TimelinePlaceholder } from './TimelinePlaceholder'
import { useConversation } from './useConversation'
import { WritersLine } from './WritersLine'

const Limited = quiet('Limited', () => import('./Limited'))
const MembersPanel = quiet('MembersPanel', () => import('../people/MembersPanel'))

/** RoomPage is one room: its header, its timeline, the composer, and who is there. */
export function RoomPage({ roomId, place, narrow }: { roomId: number; place?: number; narrow: boolean }) {
  const { rooms, user } = useWorkspace()
  const room = useRoom(roomId)
  const loaded = useStore(rooms.state, (state) => state.loaded)
  const conversation = useConversation(roomId, room && room.role !== undefined)

  const there = room?.id
  useEffect(() => {
    if (there !== undefined) lastRoom.set(user.id, there)
  }, [there, user.id])

  if (!room && loaded) return <Refused title={t('rooms.missing')} hint={t('rooms.missingHint')} />
  if (!room || !conversation) return <main className={styles.page} aria-busy />
  return <OpenRoom room={room} conversation={conversation} place={place} narrow={narrow} />
}

function OpenRoom({
  room,
  conversation,
  place,
  narrow,
}: {
  room: RoomInfo
  conversation: Conversation
  place: number | undefined
  narrow: boolean
}) {
  const [, navigate] = useLocation()
  const { reads, rooms } = useWorkspace()
  const still = useStill(room)
  const view = useStore(conversation.state)
  const timeline = useRef<TimelineHandle>(null)
  const wide = useMedia('(min-width: 1024px)')
  const [panel, setPanel] = useState(true)
  const withPanel = wide && panel && room.kind !== 'direct'
  const [sheet, setSheet] = useState(false)
  const unread = (): Line | undefined => {
    const read = reads.get(room.id)
    return read && room.role && room.head.n > read.n ? { after: read.seq, n: read.n } : undefined
  }
  // What was unread when the room was opened; its line stays while it is open,
  // also when its history begins anew.
  const [line, setLine] = useState(unread)
  // With what was last seen of it the room is opened before anybody knows what
  // is unread. When the server has said that, it is opened anew at the line, if
  // there is one, unless the reader has gone somewhere else meanwhile.
  const [early, setEarly] = useState(view.restored || !rooms.state.getState().loaded)
  const [following, setFollowing] = useState(true)
  const [anew, setAnew] = useState(false)
  if (early && view.phase === 'live') {
    setEarly(false)
    setLine(unread())
    setAnew(following && unread() !== undefined)
  }

  const there = view.phase !== 'joining' || view.events.length > 0
  useEffect(() => {
    if (there) settled()
  }, [there])

  const gone = useCallback(() => navigate(addressOf(room.id), { replace: true }), [navigate, room.id])

  const people = () => (wide ? setPanel(!panel) : setSheet(true))

  useKeys((event) => {
    switch (chord(event)) {
      case 'Shift PageUp':
        return timeline.current?.toUnread() ?? false
      case 'Mod .':
        if (room.kind !== 'direct') people()
        return true
      // In what is being written they lead to its beginning and its end.
      case 'Mod Home':
        return !isWriting(event.target) && (timeline.current?.toOldest() ?? false)
      case 'Mod End':
        if (isWriting(event.target)) return false
        timeline.current?.toLatest()
        return true
    }
    return false
  })

  const pressed = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.shiftKey || event.nativeEvent.isComposing || event.defaultPrevented)
      return
    timeline.current?.toLatest()
    document.querySelector<HTMLElement>('#composer')?.focus()
  }

  if (view.phase === 'refused')
    return (
      <Refused
        title={t('rooms.refused')}
        hint={view.refusal ? reasonOf(view.refusal) : ''}
        retry={() => conversation.tryAgain()}
      />
    )

  // What was written before anything came is shown too.
  const ready =
    view.events.length > 0 || view.outgoing.length > 0 || (view.phase === 'live' && !view.hasOlder)
  return (
    <div className={withPanel ? `${styles.frame} ${styles.withPanel}` : styles.frame}>
      <main className={styles.page} onKeyDown={pressed}>
        <RoomHeader
          room={room}
          view={view}
          narrow={narrow}
          peopleShown={wide ? panel : sheet}
          onPeople={people}
        />
        {ready ? (
          <Timeline
            key={String(anew)}
            ref={timeline}
            room={room}
            conversation={conversation}
            view={view}
            line={line}
            setLine={setLine}
            onFollow={setFollowing}
            place={place}
            onPlace={gone}
          />
        ) : (
          <TimelinePlaceholder conversation={conversation} view={view} />
        )}
        <WritersLine names={view.writers} />
        <Limited outgoing={view.outgoing} changes={view.changes} />
        {room.role && !room.archived ? (
          <Composer
            room={room}
            conversation={conversation}
            onEditLast={() => timeline.current?.editLast() ?? false}
          />
        ) : (
          <Foot room={room} conversation={conversation} />
        )}
        <Announcer room={room} />
      </main>
      {withPanel && (
        <aside className={styles.panel} aria-label={t('people.toggle')}>
          <h2 className={styles.panelTitle}>
            {t('people.members')} <span>{room.members}</span>
          </h2>
          <MembersPanel room={still} online={view.online} />
        </aside>
      )}
      {!wide && sheet && (
        <Dialog
          title={t('rooms.members', { count: room.members })}
          place="sheet"
          onClose={() => setSheet(false)}
        >
          <MembersPanel room={still} online={view.online} />
        </Dialog>
      )}
    </div>
  )
}

function isWriting(target: EventTarget | null): boolean {
  return isField(target) && (target as HTMLInputElement).value !== ''
}
