import { Ended } from './error.js'
import { type Attempt, type Draft, Outbox } from './outbox.js'
import {
  DeleteMessage,
  EditMessage,
  type Event,
  GetMessages,
  type LeaveRequest,
  LeaveRoom,
  type PageAck,
  type PageRequest,
  type RoomInfo,
  type SendAck,
  SendMessage,
} from './protocol.js'
import { type Phase, type Start, Subscription, type SubscriptionNeeds } from './subscription.js'

/** What a room needs of the client. */
export interface RoomNeeds extends SubscriptionNeeds {
  call<Ack>(event: string, payload: unknown): Promise<Ack>
}

/** How many events wait for the reader at most. */
const defaultQueue = 1000

type Item = { event?: Event; cursor?: string | undefined }

/**
 * Room is a room that is listened to. Its events come once, in the order of
 * seq and without a hole, across cuts:
 *
 *     for await (const event of room) { … }
 *
 * They are what a {@link Listener} takes, but for those that have nothing to
 * show. A slow reader loses nothing: when 1,000 events wait, the room stops
 * listening, and asks for the rest when there is place again.
 */
export class Room implements AsyncIterable<Event> {
  readonly id: number
  readonly #needs: RoomNeeds
  /** For the client: what feeds the room. */
  readonly subscription: Subscription
  readonly #outbox: Outbox
  readonly #queueLimit: number
  readonly #joined: Promise<void>
  #join: { resolve(): void; reject(error: Error): void } = { resolve: () => {}, reject: () => {} }
  #received = ''
  #handled = ''
  #queue: Item[] = []
  #wake: (() => void) | undefined

  constructor(id: number, start: Start, needs: RoomNeeds, queueLimit = defaultQueue) {
    this.id = id
    this.#needs = needs
    this.#queueLimit = queueLimit
    this.#joined = new Promise((resolve, reject) => {
      this.#join = { resolve, reject }
    })
    this.#joined.catch(() => {}) // nobody has to wait for it
    this.subscription = new Subscription(id, { start }, this.#listener(), needs)
    this.#outbox = new Outbox({
      roomId: id,
      // While the reader is behind nothing is received, but sending goes on.
      open: () => needs.up() && (this.phase === 'live' || this.phase === 'paused'),
      ask: (event, payload, tell) => needs.ask<SendAck>(event, payload, tell),
    })
  }

  get phase(): Phase {
    return this.subscription.phase
  }

  /** The room as it was when it was joined last. */
  get info(): RoomInfo | undefined {
    return this.subscription.room
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

  /**
   * Send says something. It resolves when that is durable, and rejects with
   * {@link Refused} when it never will be; with {@link Undecided}, or why the room
   * has ended, when it ends before.
   */
  send(text: string, attempt: Attempt = {}): Promise<SendAck> {
    return this.#decide({ event: SendMessage, text }, attempt)
  }

  /** Edit gives one's own message another text. */
  edit(target: number, text: string, attempt: Attempt = {}): Promise<SendAck> {
    return this.#decide({ event: EditMessage, target, text }, attempt)
  }

  /** Delete erases what a message says, for ever. */
  delete(target: number, attempt: Attempt = {}): Promise<SendAck> {
    return this.#decide({ event: DeleteMessage, target }, attempt)
  }

  /** Page reads a page of the room's history, exact as of its asOf. */
  page(wanted: Omit<PageRequest, 'roomId' | 'roomName'>): Promise<PageAck> {
    return this.#needs.call<PageAck>(GetMessages, { ...wanted, roomId: this.id })
  }

  /** Close stops listening. The person stays a member. */
  close(): void {
    this.subscription.close(new Ended('closed'))
  }

  /** Leave ends the membership, and stops listening. */
  async leave(cid: string): Promise<void> {
    const request: LeaveRequest = { roomId: this.id, forever: true, cid }
    await this.#needs.call(LeaveRoom, request)
    this.subscription.end(new Ended('closed'))
  }

  /** Next is the next event. It rejects, behind the last one, with why the room has ended. For one reader. */
  async next(): Promise<Event> {
    for (;;) {
      for (let item = this.#queue.shift(); item; item = this.#queue.shift()) {
        if (item.cursor) this.#handled = item.cursor
        if (this.#queue.length <= this.#queueLimit / 2) this.subscription.resume()
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

  get #error(): Error | undefined {
    return this.phase === 'ended' ? this.subscription.error : undefined
  }

  #decide(draft: Draft, attempt: Attempt): Promise<SendAck> {
    if (this.#error) return Promise.reject(this.#error)
    const { cid } = this.#outbox.add(draft, attempt)
    return this.#outbox.decided(cid).finally(() => this.#outbox.drop(cid))
  }

  #listener() {
    return {
      take: (event: Event) => {
        const silent = event.kind === 'void' || event.kind === 'hidden'
        this.#received = event.cursor ?? ''
        this.#put(silent ? { cursor: event.cursor } : { event, cursor: event.cursor })
        if (this.#queue.length >= this.#queueLimit) this.subscription.pause()
      },
      changed: () => this.#changed(),
    }
  }

  #changed(): void {
    switch (this.phase) {
      case 'live':
        this.#settled()
        this.#join.resolve()
        return this.#outbox.opened()
      case 'paused':
        this.#join.resolve()
        return this.#outbox.opened()
      case 'refused':
        return this.subscription.end(this.subscription.error ?? new Ended('closed'))
      case 'ended':
        return this.#finish(this.subscription.error ?? new Ended('closed'))
    }
  }

  /** The cursor of a head behind which no event has come is handled when everything before it is. */
  #settled(): void {
    if (this.#received !== '') return
    this.#received = this.subscription.cursor
    if (this.#queue.length === 0) this.#handled = this.#received
    else this.#put({ cursor: this.#received })
  }

  #finish(error: Error): void {
    this.#outbox.end(error)
    this.#join.reject(error)
    this.#wake?.()
  }

  #put(item: Item): void {
    this.#queue.push(item)
    this.#wake?.()
  }
}
