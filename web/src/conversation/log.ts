import type { Event, Gap, Head, PageAck } from '../protocol/types'
import type { Past } from './past'

/** What became of something received. */
export type Taken =
  /** It is the next event, or the start of what is held. */
  | 'taken'
  /** It was here before. */
  | 'known'
  /** Something before it is missing: ask again from {@link RoomLog.cursor}. */
  | 'hole'

/** What outlives a page of a room: an unbroken span of its events, up to a cursor. */
export interface Held {
  floor: number
  high: number
  cursor: string
  owed?: number
  events: readonly Event[]
}

/**
 * RoomLog is what a device holds of one room: an unbroken span of its events
 * by seq. Live events and catch-ups extend it upwards one by one, pages extend
 * it downwards, a gap moves its lower end up. Every seq is taken once, whatever
 * order things come in, and an event behind a missing number is not taken at
 * all. The arrays it gives out are never changed, only replaced.
 */
export class RoomLog {
  #events: readonly Event[] = []
  #floor = 0
  #high = 0
  #cursor: string | undefined
  #head = 0
  #owed: number | undefined
  /** The last changes of messages below the floor: a page that was made before them does not show them. */
  readonly #ahead = new Map<number, Event>()

  /** Events that people can see, in seq order. Voids and their like are only counted. */
  get events(): readonly Event[] {
    return this.#events
  }

  /** Everything from floor to {@link high} was received. 0 while nothing is held. */
  get floor(): number {
    return this.#floor
  }

  get high(): number {
    return this.#high
  }

  /** "I have everything up to here"; undefined while nothing is held. */
  get cursor(): string | undefined {
    return this.#cursor
  }

  /** Whether the room's beginning is held. */
  get fromStart(): boolean {
    return this.#floor === 1
  }

  /**
   * Whether this device has everything up to the last known head, and nothing
   * of what it owes the person is still missing below.
   */
  get complete(): boolean {
    return (
      this.#floor > 0 && this.#high >= this.#head && (this.#owed === undefined || this.#floor <= this.#owed)
    )
  }

  /** Held is what to keep: at most so many visible events. Nothing while there is no cursor to go on from. */
  held(most: number): Held | undefined {
    if (this.#cursor === undefined) return undefined
    const events = this.#events.slice(-most)
    const cut = events.length < this.#events.length ? events[0]?.seq : undefined
    return {
      floor: cut ?? this.#floor,
      high: this.#high,
      cursor: this.#cursor,
      ...(this.#owed !== undefined && !this.complete && { owed: this.#owed }),
      events,
    }
  }

  /** Restore begins with what was kept. */
  restore({ floor, high, cursor, owed, events }: Held): void {
    this.#events = events
    this.#floor = floor
    this.#high = high
    this.#cursor = cursor
    this.#head = high
    this.#owed = owed
  }

  /** Owe notes that the person has not seen the events from seq on, so being complete needs them. */
  owe(seq: number): void {
    this.#owed = Math.min(this.#owed ?? seq, seq)
  }

  /** Start begins an empty log behind the head: a subscription from now. */
  start(head: Head): void {
    this.#floor = head.seq + 1
    this.#high = head.seq
    this.#cursor = head.cursor
    this.#head = Math.max(this.#head, head.seq)
  }

  /** Take takes the next event of the room. */
  take(event: Event): Taken {
    const seq = event.seq ?? 0
    if (this.#floor > 0 && seq <= this.#high) return 'known'
    if (this.#floor > 0 && seq > this.#high + 1) {
      this.#head = Math.max(this.#head, seq)
      return 'hole'
    }
    if (this.#floor === 0) this.#floor = seq
    this.#high = seq
    this.#cursor = event.cursor
    this.#head = Math.max(this.#head, seq)
    if (isVisible(event)) this.#events = [...this.#events, event]
    else if (event.kind === 'edit' || event.kind === 'delete') this.#amend(event)
    return 'taken'
  }

  /**
   * Skip takes a gap: events up to gap.to will not be sent. What is held lies
   * below the hole and is dropped, to be read again as pages when wanted. A gap
   * that was received already, or is repeated by the acknowledgement, does
   * nothing.
   */
  skip(gap: Gap): void {
    if (this.#high >= gap.to) return
    if (this.#floor > 0) this.owe(this.#high + 1)
    this.#events = []
    this.#floor = gap.to + 1
    this.#high = gap.to
    this.#cursor = undefined
  }

  /** Settle compares with the head that ends a catch-up: `hole` when events before it never came. */
  settle(head: Head): Taken {
    this.#head = Math.max(this.#head, head.seq)
    if (this.#floor === 0) this.start(head)
    if (this.#high < head.seq) return 'hole'
    this.#cursor ??= head.cursor
    return 'taken'
  }

  /**
   * Prepend takes a page that was asked for with `before: floor`: an unbroken
   * run of events that ends there. It is ignored (`known`) when the log has
   * moved since, and refused (`hole`) when it does not reach up to the floor.
   */
  prepend(before: number, page: Pick<PageAck, 'events' | 'moreBefore'>): Taken {
    if (before !== this.#floor) return 'known'
    const older = page.events.filter((event) => (event.seq ?? 0) < before)
    if (older.length === 0 ? page.moreBefore : older.at(-1)?.seq !== before - 1) return 'hole'
    this.#floor = page.moreBefore ? (older[0]?.seq ?? before) : 1
    this.#events = [...older.filter(isVisible).map((event) => this.#caughtUp(event)), ...this.#events]
    return 'taken'
  }

  /** TakeOver takes the events of a span of the past that reaches up to the floor; false when it does not. */
  takeOver(past: Past): boolean {
    if (this.#floor === 0 || past.high < this.#floor - 1) return false
    const older = past.events.filter(({ seq = 0 }) => seq < this.#floor)
    this.#events = [...older.map((event) => this.#caughtUp(event)), ...this.#events]
    this.#floor = Math.min(this.#floor, past.hasOlder ? past.floor : 1)
    return true
  }

  /** Trim lets go of the oldest visible events, so that at most so many are kept. */
  trim(most: number): void {
    const first = this.#events[this.#events.length - most]
    if (!first || this.#events.length === most) return
    if (this.complete) this.#owed = undefined
    this.#events = this.#events.slice(-most)
    this.#floor = first.seq ?? this.#floor
  }

  /** Takes over what a change made of its message. */
  #amend(change: Event): void {
    const target = change.targetSeq ?? 0
    if (target < this.#floor) return this.#remember(target, change)
    const at = this.#events.findLastIndex((event) => event.seq === target)
    const message = this.#events[at]
    if (message) this.#events = this.#events.with(at, amended(message, change))
  }

  #remember(target: number, change: Event): void {
    this.#ahead.delete(target)
    this.#ahead.set(target, change)
    const [oldest] = this.#ahead.keys()
    if (this.#ahead.size > mostAhead && oldest !== undefined) this.#ahead.delete(oldest)
  }

  #caughtUp(event: Event): Event {
    const change = this.#ahead.get(event.seq ?? 0)
    if (!change) return event
    this.#ahead.delete(event.seq ?? 0)
    return amended(event, change)
  }

  /** Clear forgets everything: what was held is no part of the room's history. */
  clear(): void {
    this.#events = []
    this.#floor = 0
    this.#high = 0
    this.#cursor = undefined
    this.#head = 0
    this.#owed = undefined
    this.#ahead.clear()
  }
}

/** Changes remembered at most: more than come while one page is on its way. */
const mostAhead = 1_000

/**
 * Amended is the message as a change left it. The change carries what the
 * message says now and the seq of its last change; one that is not newer than
 * what is known changes nothing.
 */
export function amended(message: Event, change: Event): Event {
  const rev = change.rev ?? change.seq ?? 0
  if (message.kind !== 'message' || message.deleted || (message.rev ?? 0) >= rev) return message
  const { messageText: _, deleted: __, ...rest } = message
  if (change.deleted || change.kind === 'delete') return { ...rest, rev, deleted: true }
  return { ...rest, rev, messageText: change.messageText ?? '' }
}

/** Kinds that the timeline shows; every other one has a number and nothing to see. */
const visible = new Set([
  'create',
  'message',
  'join',
  'leave',
  'invite',
  'kick',
  'ban',
  'unban',
  'role',
  'rename',
  'topic',
  'visibility',
  'archive',
  'unarchive',
])

export function isVisible(event: Event): boolean {
  return visible.has(event.kind)
}
