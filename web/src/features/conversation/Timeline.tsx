import {
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useStore } from 'zustand'
import type { Conversation, ConversationView } from '../../conversation/conversation'
import { bounded, inside, latest, newer, older, type Span } from '../../conversation/span'
import { type Item, timeline } from '../../conversation/timeline'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { dayKey, dayName } from '../../text/time'
import { titleFor } from '../rooms/title'
import { useWorkspace } from '../workspace'
import { Beginning } from './Beginning'
import { MessageRow } from './MessageRow'
import { NoticeRow } from './NoticeRow'
import { Pill } from './Pill'
import { Scroller } from './Scroller'
import styles from './Timeline.module.css'
import { useAttention } from './useAttention'
import { useRowActions } from './useRowActions'

export interface TimelineHandle {
  /** Goes to the latest message and takes everything as read. */
  toLatest(): void
  /** Edits the last message of one's own that is in the page; says whether there is one. */
  editLast(): boolean
}

interface Props {
  ref: Ref<TimelineHandle>
  room: RoomInfo
  conversation: Conversation
  view: ConversationView
  /** Seq behind which messages were unread when the room was opened. */
  newAfter: number | undefined
}

/** Timeline is the bounded part of a room's messages that stands in the page. */
export function Timeline({ ref, room, conversation, view, newAfter: opened }: Props) {
  const workspace = useWorkspace()
  const { user, reads, notice } = workspace
  const { events, outgoing, amendments } = view
  const scroller = useRef<Scroller>(null)
  const [span, setSpan] = useState<Span>(() => latest(events))
  const [newAfter, setNewAfter] = useState(opened)
  const [stuck, setStuck] = useState(true)
  const [far, setFar] = useState(false)
  const [seen, setSeen] = useState(view.high)
  const [focused, setFocused] = useState<string>()
  const [entered, setEntered] = useState<string>()
  const [pointed, setPointed] = useState<string>()
  const attentive = useAttention()
  const offline = useStore(notice.state, (said) => said !== 'none' && said !== 'back')

  const shown = useMemo(() => inside(events, span), [events, span])
  const atEnd = span.to === undefined
  const days = useMemo(
    () =>
      timeline({
        events: shown,
        outgoing: atEnd ? outgoing : [],
        amendments,
        self: user,
        newAfter,
        dayKey,
      }),
    [shown, outgoing, amendments, atEnd, user, newAfter],
  )
  const lastRow = days.at(-1)?.items.findLast((item) => item.type === 'message')?.key

  // The log has grown or begun anew: the span follows within its bounds.
  useLayoutEffect(() => {
    setSpan((old) => (inside(events, old).length === 0 ? latest(events) : bounded(events, old, stuck)))
  }, [events, stuck])

  // Whoever looks at the end of the room has read it, and reads what comes.
  const reading = stuck && attentive && view.phase === 'live' && room.role !== undefined
  useEffect(() => (reading ? workspace.watch(room.id) : undefined), [reading, workspace, room.id])
  useEffect(() => {
    if (reading && room.head.seq <= view.high) reads.mark(room.id, room.head)
  }, [reading, view.high, room, reads])

  // What comes while nobody looks is divided from what was seen.
  useEffect(() => {
    if (!stuck) return
    const { high } = conversation.state.getState()
    setNewAfter((seq) => (attentive ? (seq !== undefined && seq < high ? seq : undefined) : high))
  }, [attentive, stuck, conversation])

  // Nothing may go from under a reader above the bottom.
  useEffect(() => {
    conversation.keepAll(!stuck)
    return () => conversation.keepAll(false)
  }, [stuck, conversation])

  const toLatest = () => {
    setNewAfter(undefined)
    setSpan(latest(events))
    scroller.current?.stick()
  }
  // An own message always leads to the bottom.
  const lastOwn = outgoing.at(-1)?.cid
  const knownOwn = useRef(lastOwn)
  useLayoutEffect(() => {
    if (lastOwn === knownOwn.current) return
    const sentNow = lastOwn !== undefined && lastOwn > (knownOwn.current ?? '')
    if (lastOwn !== undefined) knownOwn.current = lastOwn
    if (!sentNow) return
    setNewAfter(undefined)
    setSpan(latest(conversation.state.getState().events))
    scroller.current?.stick()
  }, [lastOwn, conversation])

  const follow = (now: boolean) => {
    setStuck(now)
    if (!now) setSeen(view.high)
  }

  const wantOlder = () => {
    const moved = older(events, span)
    if (moved) setSpan(moved)
    else if (view.hasOlder && !view.olderFailed) void conversation.loadOlder()
  }

  const wantNewer = () => {
    const moved = newer(events, span)
    if (moved) setSpan(moved)
  }

  const find = (key: string) => {
    for (const day of days) {
      const item = day.items.find((item) => item.key === key)
      if (item) return item
    }
    return undefined
  }
  const tools = useRowActions(room, conversation, find)

  const editLast = () => {
    const last = days
      .flatMap((day) => day.items)
      .findLast((item) => item.type === 'message' && tools.editable(item))
    if (!last) return false
    tools.editFromComposer(last.key)
    return true
  }
  useImperativeHandle(ref, () => ({ toLatest, editLast }))

  const pressed = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement
    if (target.getAttribute('role') !== 'article' || event.nativeEvent.isComposing) return
    const item = find(target.dataset.row ?? '')
    if (item?.type === 'message' && tools.pressed(event, item)) event.preventDefault()
    else moveBetweenRows(event)
  }

  const reachable = focused !== undefined && shown.length > 0 ? focused : lastRow
  const row = (item: Item) => {
    if (item.type === 'divider') return <Divider key={item.key} />
    if (item.type === 'notice') return <NoticeRow key={item.key} rowKey={item.key} events={item.events} />
    const { type: _, key, ...message } = item
    const editing = key === tools.editing
    return (
      <MessageRow
        key={key}
        rowKey={key}
        {...message}
        reachable={key === reachable}
        active={key === pointed || key === entered || key === tools.menuOf}
        editing={editing}
        editable={tools.editable(item)}
        erasable={tools.erasable(item)}
        offline={offline && message.phase !== 'sent'}
        actions={tools.actions}
      />
    )
  }

  const now = Date.now()
  const unseen = stuck ? 0 : countUnseen(events, seen, user.id)
  return (
    <div className={styles.timeline}>
      <Scroller
        ref={scroller}
        label={t('timeline.label', { room: titleFor(room) })}
        busy={view.loadingOlder}
        empty={lastRow === undefined}
        above={
          <Beginning
            room={room}
            view={view}
            atStart={shown[0] === events[0]}
            onRetry={() => void conversation.loadOlder()}
          />
        }
        reachesEnd={atEnd}
        onStuck={follow}
        onFar={setFar}
        onNearTop={wantOlder}
        onNearBottom={wantNewer}
        onKeyDown={pressed}
        onFocus={({ target }) => {
          setFocused(rowOf(target))
          setEntered(rowOf(target))
        }}
        onBlur={({ relatedTarget }) => setEntered(rowOf(relatedTarget))}
        onPointerOver={({ target, pointerType }) => pointerType === 'mouse' && setPointed(rowOf(target))}
        onPointerLeave={() => setPointed(undefined)}
        touch={tools.touch}
      >
        {days.map((day) => (
          <div key={day.key} className={styles.day}>
            <div className={styles.mark}>
              <span>{dayName(day.at, now)}</span>
            </div>
            {day.items.map(row)}
          </div>
        ))}
      </Scroller>
      {tools.overlays}
      {(unseen > 0 || far || !atEnd) && <Pill count={unseen} onClick={toLatest} />}
    </div>
  )
}

function Divider() {
  return (
    <div className={styles.divider} data-row="new">
      <span>{t('timeline.new')}</span>
    </div>
  )
}

function countUnseen(events: ConversationView['events'], seen: number, self: number): number {
  let count = 0
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i]
    if (!event || (event.seq ?? 0) <= seen) break
    if (event.kind === 'message' && event.userId !== self) count++
  }
  return count
}

/** The key of the row that something in the page belongs to. */
function rowOf(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('[data-row]')?.dataset.row : undefined
}

/** The arrow keys go from message to message while one of them has the focus. */
function moveBetweenRows(event: KeyboardEvent): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
  const current = event.target as Element
  if (current.getAttribute('role') !== 'article') return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="article"]')]
  const at = rows.indexOf(current as HTMLElement)
  const next = rows[event.key === 'ArrowDown' ? at + 1 : at - 1]
  if (!next) return
  event.preventDefault()
  next.focus()
}
