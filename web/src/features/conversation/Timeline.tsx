import {
  type Dispatch,
  type KeyboardEvent,
  type Ref,
  type SetStateAction,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useStore } from 'zustand'
import { watchSleep } from '../../connection/sleep'
import type { Conversation, ConversationView } from '../../conversation/conversation'
import { around, bounded, inside, latest, newer, older, type Span } from '../../conversation/span'
import { type Item, type Line, timeline } from '../../conversation/timeline'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { dayKey, dayName } from '../../text/time'
import { explain } from '../failure'
import { warn } from '../notices/toast'
import { quiet } from '../rare'
import { titleFor } from '../rooms/title'
import { useWorkspace } from '../workspace'
import { Beginning } from './Beginning'
import { MessageRow } from './MessageRow'
import { NoticeRow } from './NoticeRow'
import { Pill } from './Pill'
import { Scroller } from './Scroller'
import styles from './Timeline.module.css'
import { useAttention } from './useAttention'
import { focusComposer, focusRow, useRowActions } from './useRowActions'

const NewBar = quiet('NewBar', () => import('./NewBar'))

export interface TimelineHandle {
  /** Goes to the latest message and takes everything as read. */
  toLatest(): void
  /** Edits the last message of one's own that is in the page; says whether there is one. */
  editLast(): boolean
  /** Goes to the line above the first unread message; says whether there is one. */
  toUnread(): boolean
  /** Goes to the first message that is loaded; says whether there is one. */
  toOldest(): boolean
}

interface Props {
  ref: Ref<TimelineHandle>
  room: RoomInfo
  conversation: Conversation
  view: ConversationView
  /** Where what is new begins; it outlives the timeline when that begins anew. */
  line: Line | undefined
  setLine: Dispatch<SetStateAction<Line | undefined>>
  /** Whether the reader is at the end and follows what comes. */
  onFollow: (follows: boolean) => void
  /** Seq of a message to go to. */
  place: number | undefined
  /** The place was gone to, or cannot be. */
  onPlace: () => void
}

/** Where the timeline is about to go. */
interface Target {
  seq: number
  /** Go to the line above it, else to the message itself. */
  line: boolean
  /** Give the focus to what is below the line. */
  focus?: boolean
}

/** How long, in milliseconds, a message that was gone to is marked. */
const markedFor = 2_000

/** Timeline is the bounded part of a room's messages that stands in the page. */
export function Timeline({ ref, room, conversation, view, line, setLine, onFollow, place, onPlace }: Props) {
  const workspace = useWorkspace()
  const { user, reads, notice } = workspace
  const { events, outgoing, changes } = view
  const scroller = useRef<Scroller>(null)
  const [span, setSpan] = useState<Span>(() => latest(events))
  const newAfter = line?.after
  // Where the line stands that was not seen yet: it is not moved.
  const lineWaits = useRef(false)
  const [target, setTarget] = useState<Target | undefined>(() =>
    newAfter !== undefined &&
    place === undefined &&
    (!reaches(view, newAfter + 1) || (inside(events, span)[0]?.seq ?? 0) > newAfter + 1)
      ? { seq: newAfter + 1, line: true }
      : undefined,
  )
  const [marked, setMarked] = useState<string>()
  // Marked as unread on purpose: looking at it does not count as reading until the end is gone to.
  const [held, setHeld] = useState(false)
  const [stuck, setStuck] = useState(true)
  const [far, setFar] = useState(false)
  const [seen, setSeen] = useState(view.high)
  const [focused, setFocused] = useState<string>()
  const [entered, setEntered] = useState<string>()
  const [pointed, setPointed] = useState<string>()
  const attentive = useAttention()
  const offline = useStore(notice.state, (said) => said !== 'none' && said !== 'back')

  const shown = useMemo(() => inside(events, span), [events, span])
  const atEnd = span.to === undefined && !view.detached
  // Without what was before it, nobody knows that the first message in the page is the first unread one.
  const first = shown[0]?.seq ?? 0
  const dividable =
    newAfter !== undefined && (first <= newAfter + 1 || (!view.hasOlder && shown[0] === events[0]))
  const days = useMemo(
    () =>
      timeline({
        events: shown,
        outgoing: atEnd ? outgoing : [],
        changes,
        self: user,
        newAfter: dividable ? newAfter : undefined,
        dayKey,
      }),
    [shown, outgoing, changes, atEnd, user, newAfter, dividable],
  )
  const lastRow = days.at(-1)?.items.findLast((item) => item.type === 'message')?.key

  // The log has grown or begun anew: the span follows within its bounds.
  useLayoutEffect(() => {
    setSpan((old) => (inside(events, old).length === 0 ? latest(events) : bounded(events, old, stuck)))
  }, [events, stuck])

  // Whoever looks at the end of the room has read it, and reads what comes.
  const looking = stuck && attentive && target === undefined && !held
  const reading = looking && view.phase === 'live' && room.role !== undefined
  useEffect(() => (reading ? workspace.watch(room.id) : undefined), [reading, workspace, room.id])
  useEffect(() => {
    if (reading && room.head.seq <= view.high) reads.mark(room.id, room.head)
  }, [reading, view.high, room, reads])

  // What comes while nobody looks is divided from what was seen.
  useEffect(() => {
    if (!stuck || held) return
    let end = conversation.end
    const divide = () => {
      if (end && !lineWaits.current) setLine(end)
    }
    if (!attentive) return divide()
    return watchSleep((slept) => {
      if (slept) divide()
      end = conversation.end
    })
  }, [attentive, stuck, held, conversation, setLine])
  // Whether anything has come is known only when all is here that the server had to say meanwhile.
  useEffect(() => {
    if (!stuck || held || !attentive || newAfter === undefined) return
    let current = true
    void conversation.caughtUp().then((high) => {
      if (current) setLine((line) => (line && line.after < high ? line : undefined))
    })
    return () => {
      current = false
    }
  }, [attentive, stuck, held, newAfter, conversation, setLine])

  // Nothing may go from under a reader above the bottom.
  useEffect(() => {
    conversation.keepAll(!stuck)
    return () => conversation.keepAll(false)
  }, [stuck, conversation])

  // What is not held is read, and then shown.
  const wanted = target?.seq
  useEffect(() => {
    if (wanted === undefined) return
    void conversation.goTo(wanted).then((there) => {
      if (there) return
      setTarget(undefined)
      warn(t('timeline.unreachable'))
    })
  }, [wanted, conversation])
  useLayoutEffect(() => {
    if (!target || !reaches(view, target.seq)) return
    const event = events.find(({ seq = 0 }) => seq >= target.seq)
    if (event && !shown.includes(event)) return setSpan(around(events, target.seq))
    setTarget(undefined)
    const key = target.line || !event ? 'new' : `${event.userId}.${event.cid}`
    scroller.current?.show(key)
    if (target.focus) focusFirstNew()
    if (target.line) return
    focusRow(key)
    setMarked(key)
  }, [target, view, events, shown])
  useEffect(() => {
    if (marked === undefined) return
    const timer = setTimeout(() => setMarked(undefined), markedFor)
    return () => clearTimeout(timer)
  }, [marked])
  useEffect(() => {
    if (place === undefined) return
    setTarget({ seq: place, line: false })
    onPlace()
  }, [place, onPlace])

  const toLatest = () => {
    setLine(undefined)
    setHeld(false)
    setTarget(undefined)
    conversation.toPresent()
    setSpan((old) => (view.detached ? { from: old.from, to: undefined } : latest(events)))
    scroller.current?.stick()
  }
  const toUnread = (focus = false) => {
    if (newAfter === undefined) return false
    setTarget({ seq: newAfter + 1, line: true, focus })
    return true
  }
  const toOldest = () => {
    const seq = events.find(({ kind }) => kind === 'message')?.seq
    if (seq !== undefined) setTarget({ seq, line: false })
    return seq !== undefined
  }
  const markUnread = async (seq: number) => {
    setHeld(true)
    try {
      const n = events.find((event) => event.seq === seq)?.n ?? room.head.n
      await reads.markUnread(room.id, seq)
      setLine({ after: seq - 1, n: n - 1 })
    } catch (failure) {
      setHeld(false)
      warn(explain(failure))
    }
  }
  // An own message always leads to the bottom.
  const lastOwn = outgoing.at(-1)?.cid
  const knownOwn = useRef(lastOwn)
  useLayoutEffect(() => {
    if (lastOwn === knownOwn.current) return
    const sentNow = lastOwn !== undefined && lastOwn > (knownOwn.current ?? '')
    if (lastOwn !== undefined) knownOwn.current = lastOwn
    if (!sentNow) return
    setLine(undefined)
    setHeld(false)
    conversation.toPresent()
    setSpan(latest(conversation.state.getState().events))
    scroller.current?.stick()
  }, [lastOwn, conversation, setLine])

  const follow = (now: boolean) => {
    setStuck(now)
    onFollow(now)
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
    else if (view.detached) void conversation.loadNewer()
  }

  const find = (key: string) => {
    for (const day of days) {
      const item = day.items.find((item) => item.key === key)
      if (item) return item
    }
    return undefined
  }
  const tools = useRowActions(room, conversation, find, markUnread)

  const editLast = () => {
    const last = days
      .flatMap((day) => day.items)
      .findLast((item) => item.type === 'message' && tools.editable(item))
    if (!last) return false
    tools.editFromComposer(last.key)
    return true
  }
  useImperativeHandle(ref, () => ({ toLatest, editLast, toUnread, toOldest }))

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
        marked={key === marked}
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
      {line && (
        <NewBar
          room={room}
          view={view}
          line={line}
          first={first}
          last={shown.at(-1)?.seq ?? 0}
          more={!atEnd}
          going={target !== undefined}
          attentive={attentive}
          onWaiting={(waits) => {
            lineWaits.current = waits
          }}
          onJump={() => toUnread(true)}
          onRead={() => {
            toLatest()
            focusComposer()
          }}
        />
      )}
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
      {(unseen > 0 || far || !atEnd) && <Pill count={unseen} past={view.detached} onClick={toLatest} />}
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

/** Gives the focus to the first message below the line. */
function focusFirstNew(): void {
  const divider = document.querySelector('#timeline [data-row="new"]')
  const behind = [...document.querySelectorAll<HTMLElement>('#timeline [role="article"]')]
  const first = behind.find(
    (row) => divider && divider.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING,
  )
  first?.focus()
}

/** Reaches reports whether what is held goes up to, or beyond, the event. */
function reaches({ events, hasOlder }: ConversationView, seq: number): boolean {
  const first = events[0]?.seq
  return first !== undefined && (first <= seq || !hasOlder) && (events.at(-1)?.seq ?? 0) >= seq
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
