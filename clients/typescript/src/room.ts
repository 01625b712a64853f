import { Backoff } from './backoff.js'
import { Ended, Refused } from './error.js'
import { type Attempt, Outbox } from './outbox.js'
import {
  DeleteMessage,
  EditMessage,
  type Event,
  GetMessages,
  type JoinAck,
  type JoinRequest,
  JoinRoom,
  type LeaveRequest,
  LeaveRoom,
  type PageAck,
  type PageRequest,
  type Refusal,
  type Reset,
  type RoomInfo,
  type SendAck,
  SendMessage,
} from './protocol.js'

/**
 * Where in a room's history to begin: behind a cursor, "0" being the beginning;
 * or with the so-many-th last message, up to 200; or, with neither, with what
 * happens next.
 */
export type Start = { since: string } | { latest: number } | Record<string, never>

/** What a room needs of the client. Ask gives undefined when no answer came. */
export interface RoomNeeds {
  up(): boolean
  ask<Ack>(event: string, payload: unknown, tell: (answer: Ack | Refusal | undefined) => void): void
  call<Ack>(event: string, payload: unknown): Promise<Ack>
  forget(): void
}

/**
 * Where a room stands with the server: `away` there is no connection, or the
 * next attempt waits; `clearing` what an earlier subscription sends is not taken;
 * `joining` what was missed is coming; `live` what happens comes; `full` the
 * reader is behind, and what comes is not taken; `ended`.
 */
export type Phase = 'away' | 'clearing' | 'joining' | 'live' | 'full' | 'ended'

/** How many events wait for the reader at most. */
const defaultQueue = 1000
const latestAfterReset = 50

type Item = { event?: Event; cursor?: string | undefined }

/**
 * Room is a room that is listened to. Its events come once, in the order of
 * seq and without a hole, across cuts:
 *
 *     for await (const event of room) { … }
 *
 * Kinds void and hidden, which have nothing to show, are left out. An event of
 * kind gap says that the events from…to were left out; one of kind reset that
 * what came before it is no part of the room's history any more, and that the
 * room begins anew behind it, with its latest messages. A slow reader loses
 * nothing: when 1,000 events wait, the room stops listening, and asks for the
 * rest when there is place again.
 */
export class Room implements AsyncIterable<Event> {
  readonly id: number
  readonly #needs: RoomNeeds
  readonly #outbox: Outbox
  readonly #queueLimit: number
  readonly #setbacks = new Backoff(300, 15_000)
  readonly #joined: Promise<void>
  #join: { resolve(): void; reject(error: Error): void } = { resolve: () => {}, reject: () => {} }
  #phase: Phase = 'away'
  #info: RoomInfo | undefined
  #start: Start
  #began = false
  #high = 0
  #received = ''
  #handled = ''
  #turn = 0
  #holes = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #queue: Item[] = []
  #error: Error | undefined
  #wake: (() => void) | undefined

  constructor(id: number, start: Start, needs: RoomNeeds, queueLimit = defaultQueue) {
    this.id = id
    this.#start = start
    this.#needs = needs
    this.#queueLimit = queueLimit
    this.#joined = new Promise((resolve, reject) => {
      this.#join = { resolve, reject }
    })
    this.#joined.catch(() => {}) // nobody has to wait for it
    this.#outbox = new Outbox({
      roomId: id,
      // While the reader is behind nothing is received, but sending goes on.
      open: () => needs.up() && (this.#phase === 'live' || this.#phase === 'full'),
      ask: (event, payload, tell) => needs.ask<SendAck>(event, payload, tell),
    })
  }

  get phase(): Phase {
    return this.#phase
  }

  /** The room as it was when it was joined last. */
  get info(): RoomInfo | undefined {
    return this.#info
  }

  /**
   * Everything that the reader was given, and what had nothing to show before it.
   * A program that keeps it, having handled that, goes on with `{ since: it }`
   * after its own restart.
   */
  get cursor(): string {
    return this.#handled
  }

  /** Joined resolves when the room has caught up for the first time, and rejects when the server refuses. */
  joined(): Promise<void> {
    return this.#joined
  }

  /** Send says something. See {@link Outbox.add} for what it resolves and rejects with. */
  send(text: string, attempt: Attempt = {}): Promise<SendAck> {
    return this.#error ? Promise.reject(this.#error) : this.#outbox.add({ event: SendMessage, text }, attempt)
  }

  /** Edit gives one's own message another text. */
  edit(target: number, text: string, attempt: Attempt = {}): Promise<SendAck> {
    return this.#error
      ? Promise.reject(this.#error)
      : this.#outbox.add({ event: EditMessage, target, text }, attempt)
  }

  /** Delete erases what a message says, for ever. */
  delete(target: number, attempt: Attempt = {}): Promise<SendAck> {
    return this.#error
      ? Promise.reject(this.#error)
      : this.#outbox.add({ event: DeleteMessage, target }, attempt)
  }

  /** Page reads a page of the room's history, exact as of its asOf. */
  page(wanted: Omit<PageRequest, 'roomId' | 'roomName'>): Promise<PageAck> {
    return this.#needs.call<PageAck>(GetMessages, { ...wanted, roomId: this.id })
  }

  /** Close stops listening. The person stays a member. */
  close(): void {
    if (this.#phase === 'ended') return
    if (this.#needs.up()) this.#unsubscribe(() => {})
    this.end(new Ended('closed'))
  }

  /** Leave ends the membership, and stops listening. */
  async leave(cid: string): Promise<void> {
    const request: LeaveRequest = { roomId: this.id, forever: true, cid }
    await this.#needs.call(LeaveRoom, request)
    this.end(new Ended('closed'))
  }

  /** Next is the next event. It rejects, behind the last one, with why the room has ended. For one reader. */
  async next(): Promise<Event> {
    for (;;) {
      for (let item = this.#queue.shift(); item; item = this.#queue.shift()) {
        if (item.cursor) this.#handled = item.cursor
        if (this.#phase === 'full' && this.#queue.length <= this.#queueLimit / 2) {
          this.#phase = 'away'
          this.up()
        }
        if (item.event) return item.event
      }
      if (this.#error) throw this.#error
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Event> {
    for (;;) yield await this.next()
  }

  // What follows is for the client to call.

  /** Up tells that there is a connection: the room is joined from where it stands. */
  up(): void {
    if (this.#phase === 'full') this.#outbox.opened()
    if (!this.#needs.up() || this.#phase === 'full' || this.#phase === 'ended') return
    clearTimeout(this.#timer)
    if (this.#began) return this.#subscribe()
    // An earlier subscription of this room on this connection may still send:
    // its event would be taken for the first. Behind the answer there is none.
    this.#phase = 'clearing'
    const turn = ++this.#turn
    this.#unsubscribe(() => {
      if (turn === this.#turn) this.#subscribe()
    })
  }

  /** Down tells that the connection has ended. */
  down(): void {
    if (this.#phase === 'full' || this.#phase === 'ended') return
    clearTimeout(this.#timer)
    this.#phase = 'away'
    this.#turn++
  }

  /** Receive takes one receiveMessage packet of this room. */
  receive(event: Event): void {
    if (this.#phase !== 'joining' && this.#phase !== 'live') return
    if (event.kind === 'gap') return this.#skip(event)
    if (event.kind === 'reset') {
      if (this.#phase === 'live') this.#startOver(event.reason ?? 'history', event.head)
      return
    }
    const seq = event.seq ?? 0
    if (this.#began && seq <= this.#high) return // was here before
    if (this.#began && seq !== this.#high + 1) {
      // While joining, the answer decides; live, a number was lost.
      if (this.#phase === 'live') this.#mend()
      return
    }
    this.#began = true
    this.#high = seq
    this.#received = event.cursor ?? ''
    const silent = event.kind === 'void' || event.kind === 'hidden'
    this.#put(silent ? { cursor: event.cursor } : { event, cursor: event.cursor })
    if (this.#queue.length >= this.#queueLimit) this.#fill()
  }

  /** End ends the room for good. */
  end(error: Error): void {
    if (this.#phase === 'ended') return
    clearTimeout(this.#timer)
    this.#phase = 'ended'
    this.#error = error
    this.#turn++
    this.#needs.forget()
    this.#outbox.end(error)
    this.#join.reject(error)
    this.#wake?.()
  }

  #subscribe(): void {
    this.#phase = 'joining'
    const turn = ++this.#turn
    this.#needs.ask<JoinAck>(JoinRoom, this.#joinRequest(), (answer) => {
      if (turn === this.#turn) this.#answered(answer)
    })
  }

  #unsubscribe(tell: () => void): void {
    const request: LeaveRequest = { roomId: this.id }
    this.#needs.ask(LeaveRoom, request, tell)
  }

  #joinRequest(): JoinRequest {
    if (!this.#began) return { roomId: this.id, ...this.#start }
    if (this.#received) return { roomId: this.id, since: this.#received }
    return { roomId: this.id, latest: latestAfterReset } // behind a gap, of which no event has come
  }

  #answered(answer: JoinAck | Refusal | undefined): void {
    if (!answer) return this.#joinLater()
    if (!answer.ok) {
      const refused = new Refused((answer as Refusal).error)
      return refused.final ? this.end(refused) : this.#joinLater(refused.retryAfter)
    }
    const ack = answer as JoinAck
    if (ack.reset) return this.#startOver(ack.reset.reason, ack.reset.head)
    if (ack.more) return this.#subscribe()
    this.#settle(ack)
  }

  /** The end of a catch-up: everything up to the head must be here. */
  #settle({ room, head }: JoinAck): void {
    if (!head) return this.#joinLater()
    if (room) this.#info = room
    if (!this.#began) {
      this.#began = true
      this.#high = head.seq
    }
    if (this.#high < head.seq) return this.#mend()
    if (!this.#received) {
      this.#received = head.cursor
      if (this.#queue.length === 0) this.#handled = head.cursor
      else this.#put({ cursor: head.cursor })
    }
    this.#phase = 'live'
    this.#holes = 0
    this.#setbacks.reset()
    this.#join.resolve()
    this.#outbox.opened()
  }

  /** A gap: what lies in it will not be sent. */
  #skip(gap: Event): void {
    const to = gap.to ?? 0
    if (this.#began && this.#high >= to) return
    this.#began = true
    this.#high = to
    this.#received = ''
    this.#put({ event: gap })
  }

  #put(item: Item): void {
    this.#queue.push(item)
    this.#wake?.()
  }

  /** Stops taking events until the reader has caught up. */
  #fill(): void {
    this.#phase = 'full'
    this.#turn++
    this.#join.resolve()
    this.#unsubscribe(() => {})
  }

  /** Asks for what is missing. If that does not help, the room starts over. */
  #mend(): void {
    if (++this.#holes > 3) this.#startOver('numbering')
    else this.#joinLater()
  }

  #startOver(reason: string, head?: Reset['head']): void {
    this.#began = false
    this.#high = 0
    this.#received = ''
    this.#holes = 0
    this.#start = { latest: latestAfterReset }
    this.#put({ event: { kind: 'reset', roomId: this.id, reason, ...(head && { head }) } })
    this.#joinLater()
  }

  #joinLater(atLeast = 0): void {
    this.#phase = 'away'
    this.#turn++
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.up(), this.#setbacks.next(atLeast))
  }
}
