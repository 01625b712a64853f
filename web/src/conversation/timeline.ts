import { droppable } from 'parley-client'
import type { ErrorInfo, Event } from '../protocol/types'
import { type Change, type Message, wantedText } from './outgoing'

/** A message as one row; its values are plain, so that equal rows need no new paint. */
export interface MessageItem {
  type: 'message'
  /** The same for a message on its way and for its event. */
  key: string
  cid: string
  seq: number | undefined
  userId: number
  name: string
  at: number
  text: string
  /** Whether it begins a group of the same author. */
  first: boolean
  phase: 'sent' | 'sending' | 'waiting' | 'failed'
  /** Why a failed one failed. */
  problem: ErrorInfo | undefined
  deletable: boolean
  edited: boolean
  /** What it said is gone for good. */
  deleted: boolean
  /** A change of it is on its way, or was refused. */
  change: 'under way' | 'refused' | undefined
}

/** Neighbouring events that are not messages, as one quiet line. */
export interface NoticeItem {
  type: 'notice'
  key: string
  events: readonly Event[]
}

/** Line is where what is new to the person begins. */
export interface Line {
  /** Seq of the last event that is not new. */
  after: number
  /** How many messages had been said up to there. */
  n: number
}

/** The line above the first unread message. */
export interface DividerItem {
  type: 'divider'
  key: string
}

export type Item = MessageItem | NoticeItem | DividerItem

export interface Day {
  key: string
  at: number
  items: readonly Item[]
}

/** Messages of one author within this time, in milliseconds, are one group. */
const groupWithin = 5 * 60_000

export interface TimelineInput {
  events: readonly Event[]
  outgoing: readonly Message[]
  changes: readonly Change[]
  self: { id: number; name: string }
  /** Seq behind which everything is new; undefined when nothing is. */
  newAfter: number | undefined
  /** The calendar day of a time, as a key. */
  dayKey(at: number): string
}

/** Timeline arranges events and messages on their way into days and rows, in the server's order. */
export function timeline(input: TimelineInput): Day[] {
  const builder = new Builder(input)
  for (const event of input.events) builder.event(event)
  for (const message of input.outgoing) builder.outgoing(message)
  return builder.days
}

class Builder {
  readonly days: { key: string; at: number; items: Item[] }[] = []
  readonly #input: TimelineInput
  /** The last change of each message that has some. */
  readonly #changes: ReadonlyMap<number, Change>
  #previous: MessageItem | undefined
  #divided = false

  constructor(input: TimelineInput) {
    this.#input = input
    this.#changes = new Map(input.changes.map((change) => [change.target, change]))
  }

  event(event: Event): void {
    const { seq = 0, at = 0 } = event
    this.#day(at)
    this.#divide(event)
    if (event.kind !== 'message') return this.#notice(event)
    const change = this.#changes.get(seq)
    const under = change?.phase === 'failed' ? undefined : change
    const wanted = under && wantedText(under)
    this.#message({
      type: 'message',
      key: `${event.userId}.${event.cid}`,
      cid: event.cid ?? '',
      seq,
      userId: event.userId ?? 0,
      name: event.userName ?? '',
      at,
      text: under ? (wanted ?? '') : (event.messageText ?? ''),
      first: true,
      phase: 'sent',
      problem: change?.error,
      deletable: false,
      edited: !event.deleted && (event.rev !== undefined || wanted !== undefined),
      deleted: event.deleted === true || (under !== undefined && wanted === undefined),
      change: change && (under ? 'under way' : 'refused'),
    })
  }

  outgoing(message: Message): void {
    const { self } = this.#input
    this.#day(message.at)
    this.#message({
      type: 'message',
      key: `${self.id}.${message.cid}`,
      cid: message.cid,
      seq: undefined,
      userId: self.id,
      name: self.name,
      at: message.at,
      text: message.text,
      first: true,
      phase: message.phase,
      problem: message.error,
      deletable: droppable(message),
      edited: false,
      deleted: false,
      change: undefined,
    })
  }

  /** A new day begins a new section; times that go back, as clocks do, stay in the present one. */
  #day(at: number): void {
    const key = this.#input.dayKey(at)
    const day = this.days.at(-1)
    if (day && (day.key === key || at < day.at)) return
    this.days.push({ key, at, items: [] })
    this.#previous = undefined
  }

  #divide(event: Event): void {
    const { newAfter, self } = this.#input
    if (this.#divided || newAfter === undefined || (event.seq ?? 0) <= newAfter) return
    if (event.kind !== 'message' || event.userId === self.id) return
    this.#divided = true
    this.#previous = undefined
    this.#items.push({ type: 'divider', key: 'new' })
  }

  #message(item: MessageItem): void {
    const before = this.#previous
    const continues = before?.userId === item.userId && item.at - before.at < groupWithin
    const row = continues ? { ...item, first: false } : item
    this.#items.push(row)
    this.#previous = row
  }

  #notice(event: Event): void {
    this.#previous = undefined
    const items = this.#items
    const last = items.at(-1)
    if (last?.type === 'notice') items[items.length - 1] = { ...last, events: [...last.events, event] }
    else items.push({ type: 'notice', key: `notice.${event.seq}`, events: [event] })
  }

  get #items(): Item[] {
    return this.days.at(-1)?.items ?? []
  }
}
