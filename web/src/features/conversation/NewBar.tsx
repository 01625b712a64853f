import { ArrowDown, ArrowUp, Check } from 'lucide-react'
import { useEffect, useLayoutEffect, useState } from 'react'
import type { ConversationView } from '../../conversation/conversation'
import type { Line } from '../../conversation/timeline'
import { GetMessages, type PageAck, type PageRequest, type RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { clockTime, dayKey, shortTime } from '../../text/time'
import { useWorkspace } from '../workspace'
import { type Place, placeOf } from './linePlace'
import styles from './NewBar.module.css'

interface Props {
  room: RoomInfo
  view: ConversationView
  line: Line
  /** Seqs of the first and the last event in the page; 0 while there is none. */
  first: number
  last: number
  /** The page goes on below with what is not in it. */
  more: boolean
  /** The page is on its way to some place. */
  going: boolean
  attentive: boolean
  /** Told whether the line waits for the person to see it. */
  onWaiting: (waiting: boolean) => void
  onJump: () => void
  onRead: () => void
}

/** A line that has been in sight for so many milliseconds was seen. */
const seenWithin = 1_000

/**
 * NewBar leads to the line above what is new while nobody has seen that: it
 * says how much it is and since when. It stands above the rows and covers none
 * of them, and goes when the line comes into sight.
 */
export function NewBar(props: Props) {
  const { room, view, line, first, last, more, going, attentive, onWaiting, onJump, onRead } = props
  const [place, setPlace] = useState<Place>('nowhere')
  const [seen, setSeen] = useState<number>()
  const count = room.head.n - line.n
  const known = count > 0 && view.phase === 'live' && !going

  useLayoutEffect(() => {
    const look = () => {
      setPlace(known ? lookFor(line, { first, last, more }) : 'nowhere')
    }
    look()
    document.addEventListener('scroll', look, { capture: true, passive: true })
    return () => document.removeEventListener('scroll', look, { capture: true })
  })

  // While much comes at once the line may pass by.
  useEffect(() => {
    if (place !== 'in sight' || !attentive) return
    const timer = setTimeout(() => setSeen(line.after), seenWithin)
    return () => clearTimeout(timer)
  }, [place, attentive, line.after])

  const shown = seen !== line.after && (place === 'above' || place === 'below')
  useEffect(() => {
    onWaiting(shown)
    return () => onWaiting(false)
  }, [shown, onWaiting])
  const since = useSince(room, view, line, shown)
  // Said once, to somebody who is there, however much more comes.
  const [said, setSaid] = useState('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the count may grow, and nobody wants to hear each.
  useEffect(() => setSaid(shown && attentive ? t('timeline.pill', { count }) : ''), [shown, attentive])

  const Arrow = place === 'below' ? ArrowDown : ArrowUp
  return (
    <>
      <p role="status" className="visually-hidden">
        {said}
      </p>
      {shown && (
        <div className={styles.bar}>
          <button
            type="button"
            className={styles.jump}
            onClick={() => {
              setSeen(line.after)
              onJump()
            }}
          >
            <Arrow size={16} aria-hidden />
            <span>
              {since === undefined
                ? t('timeline.pill', { count })
                : t('timeline.newSince', { count, when: when(since) })}
            </span>
            <span className={styles.action}>{t('timeline.jump')}</span>
          </button>
          <button type="button" className={styles.read} onClick={onRead} title={t('timeline.markRead')}>
            <Check size={16} aria-hidden />
            <span>{t('timeline.markRead')}</span>
          </button>
        </div>
      )}
    </>
  )
}

function lookFor(line: Line, rows: Pick<Props, 'first' | 'last' | 'more'>): Place {
  const timeline = document.querySelector('#timeline')
  const window = timeline?.parentElement?.parentElement?.getBoundingClientRect()
  if (!window) return 'nowhere'
  const divider = timeline?.querySelector('[data-row="new"]')?.getBoundingClientRect()
  return placeOf(line, { ...rows, window, line: divider })
}

/** UseSince is when the first of what is new was said; of what is not held the server tells. */
function useSince(
  room: RoomInfo,
  { events, hasOlder }: ConversationView,
  { after }: Line,
  wanted: boolean,
): number | undefined {
  const { client } = useWorkspace()
  const [told, setTold] = useState<{ after: number; at: number | undefined }>()
  const reached = !hasOlder || (events[0]?.seq ?? Number.POSITIVE_INFINITY) <= after + 1
  const held = reached ? events.find(({ seq = 0 }) => seq > after)?.at : undefined
  const asks = wanted && held === undefined && told?.after !== after
  useEffect(() => {
    if (!asks) return
    let current = true
    const request: PageRequest = { roomId: room.id, after, limit: 1 }
    void client.ask<PageAck>(GetMessages, request).then((ack) => {
      if (current && ack?.ok) setTold({ after, at: (ack as PageAck).events[0]?.at })
    })
    return () => {
      current = false
    }
  }, [asks, client, room.id, after])
  return held ?? (told?.after === after ? told.at : undefined)
}

/** The time alone of today, with the date of any other day. */
function when(at: number): string {
  return dayKey(at) === dayKey(Date.now()) ? clockTime(at) : shortTime(at)
}
