import { createStore, type StoreApi } from 'zustand/vanilla'
import { wait } from '../connection/backoff'
import {
  DeleteMessage,
  type DeleteRequest,
  EditMessage,
  type EditRequest,
  type ErrorInfo,
  type Event,
  GetMessages,
  GetOnlineUsers,
  type JoinAck,
  type JoinRequest,
  JoinRoom,
  type OnlineAck,
  type PageAck,
  type PageRequest,
  type PersonInfo,
  type PresenceChange,
  type Refusal,
  type RoomInfo,
  type SendAck,
  SendMessage,
  type SendRequest,
  Typing,
  type TypingNotice,
  type TypingRequest,
} from '../protocol/types'
import { type Amendment, Amendments } from './amendments'
import { oncePerFrame } from './frame'
import type { Keep } from './keep'
import { RoomLog } from './log'
import { Outbox } from './outbox'
import { isFinal, type Outgoing } from './outgoing'
import { Past } from './past'
import { Writers, Writing } from './typing'

/** How a device takes part in a room. */
export type Interest =
  /** Read a public room without becoming a member. */
  | 'preview'
  /** Be told of what is new, without what was before. */
  | 'listen'
  /** Have the latest messages. */
  | 'read'

export type ConversationPhase =
  /** Waiting for the connection, or catching up. */
  | 'joining'
  /** Subscribed: what happens arrives by itself. */
  | 'live'
  /** The server said no, for good; see {@link ConversationView.refusal}. */
  | 'refused'

/** What people see of a room; replaced as a whole at every change. */
export interface ConversationView {
  phase: ConversationPhase
  refusal?: ErrorInfo
  interest: Interest
  events: readonly Event[]
  outgoing: readonly Outgoing[]
  /** Changes of messages that are on their way. */
  amendments: readonly Amendment[]
  /** Whether older messages may exist that are not held. */
  hasOlder: boolean
  loadingOlder: boolean
  /** The events are a part of the past, away from what is held of the room's end. */
  detached: boolean
  /** The last attempt to load older messages failed. */
  olderFailed: boolean
  /** Everything up to the room's head is here, and live follows. */
  complete: boolean
  online: readonly PersonInfo[]
  /** Names of those who write right now. */
  writers: readonly string[]
  /** Seq up to which everything is held. */
  high: number
}

/** What a conversation needs from around it. */
export interface ConversationNeeds {
  request<Ack extends object>(event: string, payload: unknown): Promise<Ack>
  keep: Keep
  /** The signed-in person. */
  userId: number
  /** Seq of the last event that the person has seen, when that is known. */
  readUpTo(): number | undefined
  /** A join was answered with the room as it is now. */
  joined(room: RoomInfo): void
  /** The next event of the room has arrived; live tells it from what was missed. */
  arrived(event: Event, live: boolean): void
}

export const pageSize = 50

/** After so many parts of a catch-up the rest is skipped, to be read as pages when wanted. */
const mostParts = 4

/** Events kept of a room in which nobody reads above the end; so many more are let go at once. */
const keepEvents = 1_000
const keepMargin = 500

const joinBounds = { first: 500, most: 15_000 }

/**
 * Conversation is one room on this device: its log, its outbox, who is there,
 * and the subscription that feeds them. It joins whenever the connection is
 * up, continues from its cursor, and lets the outbox go only when it is live.
 */
export class Conversation {
  readonly roomId: number
  readonly state: StoreApi<ConversationView>
  readonly outbox: Outbox
  readonly amendments: Amendments
  /** Tells the others that the person writes. */
  readonly writing: Writing
  readonly #writers: Writers
  readonly #log = new RoomLog()
  readonly #needs: ConversationNeeds
  #interest: Interest
  #phase: ConversationPhase = 'joining'
  #refusal: ErrorInfo | undefined
  #online: readonly PersonInfo[] = []
  #past: Past | undefined
  #loadingOlder = false
  #loadingNewer = false
  #olderFailed = false
  #connected = false
  #keepAll = false
  /** Counts joins; an answer to an earlier one is no longer wanted. */
  #turn = 0
  /** Joins in a row that did not end well, for the back-off. */
  #setbacks = 0
  #joinTimer: ReturnType<typeof setTimeout> | undefined
  readonly #show = oncePerFrame(() => this.#publish())
  #publishing = false

  constructor(roomId: number, interest: Interest, kept: readonly Outgoing[], needs: ConversationNeeds) {
    this.roomId = roomId
    this.#interest = interest
    this.#needs = needs
    this.outbox = new Outbox(roomId, kept, {
      keep: needs.keep,
      send: (message, retry) => this.#send(message, retry),
      changed: () => this.#publish(),
    })
    this.amendments = new Amendments({
      send: (amendment, retry) => this.#amend(amendment, retry),
      changed: () => this.#publish(),
    })
    this.#writers = new Writers(() => this.#publish())
    this.writing = new Writing((stopped) => this.#tellWriting(stopped))
    this.state = createStore<ConversationView>(() => this.#view())
  }

  /** Connect tells that the connection is up: the room is joined, from the cursor if there is one. */
  connect(): void {
    this.#connected = true
    this.#setbacks = 0
    this.#join()
  }

  /** Disconnect tells that the connection is gone. */
  disconnect(): void {
    this.#connected = false
    this.#turn++
    clearTimeout(this.#joinTimer)
    this.#leaveLive()
  }

  /** Close ends everything; messages still on their way stay kept. */
  close(): void {
    this.disconnect()
  }

  /** Want raises or lowers the interest. Only becoming a member, or readable, needs a new join. */
  want(interest: Interest): void {
    if (interest === this.#interest) return
    const rejoin = this.#interest === 'preview' || interest === 'preview' || this.#phase === 'refused'
    this.#interest = interest
    this.#publish()
    if (rejoin && this.#connected) this.#join()
  }

  /** TryAgain joins once more after a refusal. */
  tryAgain(): void {
    this.#setbacks = 0
    if (this.#connected) this.#join()
  }

  /** Receive takes one receiveMessage packet of this room. */
  receive(event: Event): void {
    if (this.#phase === 'refused') return
    if (event.kind === 'gap') {
      this.#log.skip({ from: event.from ?? 0, to: event.to ?? 0 })
      this.#publish()
      return
    }
    if (event.kind === 'reset') {
      if (this.#phase === 'live') this.#startOver()
      return
    }
    const live = this.#phase === 'live'
    switch (this.#log.take(event)) {
      case 'taken':
        if (event.userId === this.#needs.userId && event.cid) this.outbox.seen(event.cid)
        if (event.kind === 'message' && event.userId) this.#writers.gone(event.userId)
        if (event.kind === 'edit' || event.kind === 'delete') this.#past?.amend(event)
        this.#needs.arrived(event, live)
        // A catch-up is shown as a whole, when its answer comes.
        if (live) this.#show.soon()
        return
      case 'hole':
        // While joining, the answer decides; live, a number was lost.
        if (live) this.#mend()
        return
    }
  }

  /** PresenceChanged takes who came and went. */
  presenceChanged({ online, offline }: PresenceChange): void {
    const people = new Map(this.#online.map((person) => [person.id, person]))
    for (const id of offline) people.delete(id)
    for (const person of online) people.set(person.id, person)
    this.#online = [...people.values()]
    this.#publish()
  }

  /** Typing takes that somebody writes, or has stopped. */
  typing(notice: TypingNotice): void {
    if (notice.userId !== this.#needs.userId) this.#writers.heard(notice)
  }

  /** LoadOlder reads the page above what is shown. One at a time; nothing when there is none. */
  async loadOlder(): Promise<void> {
    const past = this.#past
    const before = past?.floor ?? this.#log.floor
    if (this.#loadingOlder || before <= 1 || this.#phase !== 'live') return
    this.#loadingOlder = true
    this.#olderFailed = false
    this.#publish()
    const page = await this.#page({ before })
    this.#loadingOlder = false
    if (past) this.#olderFailed = !page || !past.prepend(page)
    else this.#olderFailed = !page || this.#log.prepend(before, page) === 'hole'
    this.#publish()
  }

  /** LoadNewer reads the page below a part of the past, until it meets what is held of the room's end. */
  async loadNewer(): Promise<void> {
    const past = this.#past
    if (!past || this.#loadingNewer || this.#phase !== 'live') return
    this.#loadingNewer = true
    const page = await this.#page({ after: past.high })
    this.#loadingNewer = false
    if (past !== this.#past || !page) return
    past.append(page)
    this.#meet(past)
    this.#publish()
  }

  /**
   * GoTo shows the part of the past around an event, when that is not held
   * already. It reports whether the place can be shown.
   */
  async goTo(seq: number): Promise<boolean> {
    if (this.#log.floor > 0 && seq >= this.#log.floor && seq <= this.#log.high) {
      this.toPresent()
      return true
    }
    if (this.#past?.holds(seq)) return true
    const page = await this.#page({ around: seq })
    const past = page && Past.from(page)
    if (!past) return false
    this.#past = past
    this.#olderFailed = false
    this.#meet(past)
    this.#publish()
    return true
  }

  /** ToPresent leaves the past. */
  toPresent(): void {
    if (!this.#past) return
    this.#past = undefined
    this.#olderFailed = false
    this.#publish()
  }

  /** When the past reaches up to the log, the log has both. */
  #meet(past: Past): void {
    if (this.#log.takeOver(past)) this.#past = undefined
  }

  async #page(where: Pick<PageRequest, 'before' | 'after' | 'around'>): Promise<PageAck | undefined> {
    const request: PageRequest = { roomId: this.roomId, ...where, limit: pageSize, ...this.#atLeast() }
    const ack = await this.#needs.request<PageAck | Refusal>(GetMessages, request).catch(() => undefined)
    return ack?.ok ? (ack as PageAck) : undefined
  }

  /** A page must show what is known already, edits and deletions among it. */
  #atLeast(): Pick<PageRequest, 'atLeast'> {
    return this.#log.cursor === undefined ? {} : { atLeast: this.#log.cursor }
  }

  /** KeepAll says whether somebody reads above the end, so that nothing may be let go. */
  keepAll(wanted: boolean): void {
    this.#keepAll = wanted
    this.#publish()
  }

  #join(): void {
    const turn = ++this.#turn
    clearTimeout(this.#joinTimer)
    this.#leaveLive()
    void this.#catchUp(() => turn === this.#turn)
  }

  /** Joins, part by part, until the room is live, the server refuses, or the turn has passed. */
  async #catchUp(current: () => boolean): Promise<void> {
    for (let part = 0; ; part++) {
      const ack = await this.#needs
        .request<JoinAck | Refusal>(JoinRoom, this.#joinRequest(part))
        .catch(() => undefined)
      if (!current()) return
      if (!ack) return this.#joinLater()
      if (!ack.ok) return this.#refused((ack as Refusal).error)
      const { reset, gap, head, more, room } = ack as JoinAck
      if (reset) return this.#startOver()
      if (gap) this.#log.skip(gap)
      if (room) this.#needs.joined(room)
      if (more) continue
      return head && this.#log.settle(head) === 'hole' ? this.#mend() : this.#live()
    }
  }

  #joinRequest(part: number): JoinRequest {
    const request: JoinRequest = { roomId: this.roomId }
    if (this.#interest === 'preview') request.preview = true
    const cursor = this.#log.cursor
    if (cursor !== undefined && part < mostParts) request.since = cursor
    else if (this.#interest !== 'listen') request.latest = pageSize
    return request
  }

  #refused(error: ErrorInfo): void {
    if (!isFinal(error.code)) return this.#joinLater(error.retryAfter)
    this.#phase = 'refused'
    this.#refusal = error
    this.#publish()
  }

  #joinLater(retryAfter?: number): void {
    if (!this.#connected) return
    const backOff = wait(this.#setbacks++, joinBounds)
    this.#joinTimer = setTimeout(() => this.#join(), retryAfter === undefined ? backOff : retryAfter * 1000)
  }

  #live(): void {
    this.#setbacks = 0
    this.#phase = 'live'
    const read = this.#needs.readUpTo()
    if (read !== undefined && read + 1 < this.#log.floor) this.#log.owe(read + 1)
    this.#publish()
    if (this.#interest !== 'preview') {
      this.outbox.open()
      this.amendments.open()
    }
    void this.#askWhoIsOnline(this.#turn)
  }

  #leaveLive(): void {
    this.#phase = 'joining'
    this.#refusal = undefined
    this.outbox.close()
    this.amendments.close()
    this.#writers.clear()
    this.#publish()
  }

  /** A number is missing: asks again from the cursor; when that does not help, starts over. */
  #mend(): void {
    if (this.#setbacks < 3) {
      this.#setbacks++
      this.#join()
      return
    }
    this.#startOver()
  }

  /** What is held is no part of the room's history: forgets it and takes the latest. */
  #startOver(): void {
    this.#log.clear()
    this.#past = undefined
    this.#leaveLive()
    if (this.#setbacks++ === 0) this.#join()
    else this.#joinLater()
  }

  async #askWhoIsOnline(turn: number): Promise<void> {
    const ack = await this.#needs
      .request<OnlineAck | Refusal>(GetOnlineUsers, { roomId: this.roomId })
      .catch(() => undefined)
    if (turn !== this.#turn || !ack?.ok) return
    this.#online = (ack as OnlineAck).users
    this.#publish()
  }

  #send(message: Outgoing, retry: boolean): Promise<SendAck | Refusal> {
    const request: SendRequest = { roomId: this.roomId, messageText: message.text, cid: message.cid }
    if (retry) request.retry = true
    return this.#needs.request<SendAck | Refusal>(SendMessage, request)
  }

  /** Says that the person writes. Nobody misses it when it is lost. */
  #tellWriting(stopped: boolean): void {
    if (this.#phase !== 'live' || this.#interest === 'preview') return
    const request: TypingRequest = { roomId: this.roomId, ...(stopped && { stopped }) }
    this.#needs.request(Typing, request).catch(() => undefined)
  }

  #amend({ targetSeq, text, cid }: Amendment, retry: boolean): Promise<SendAck | Refusal> {
    const change = { roomId: this.roomId, targetSeq, cid, ...(retry && { retry }) }
    return text === undefined
      ? this.#needs.request(DeleteMessage, change satisfies DeleteRequest)
      : this.#needs.request(EditMessage, { ...change, messageText: text } satisfies EditRequest)
  }

  /** Shows the state to whoever watches: once for all changes of the present task. */
  #publish(): void {
    if (this.#publishing) return
    this.#publishing = true
    queueMicrotask(() => {
      this.#publishing = false
      this.#show.cancel()
      this.outbox.passed(this.#log.high)
      this.amendments.passed(this.#log.high)
      if (!this.#keepAll && this.#log.events.length > keepEvents + keepMargin) this.#log.trim(keepEvents)
      this.state.setState(this.#view(), true)
    })
  }

  #view(): ConversationView {
    return {
      phase: this.#phase,
      ...(this.#refusal && { refusal: this.#refusal }),
      interest: this.#interest,
      events: this.#past?.events ?? this.#log.events,
      outgoing: this.outbox.messages,
      amendments: this.amendments.list,
      hasOlder: this.#past?.hasOlder ?? !this.#log.fromStart,
      detached: this.#past !== undefined,
      loadingOlder: this.#loadingOlder,
      olderFailed: this.#olderFailed,
      complete: this.#phase === 'live' && this.#log.complete,
      online: this.#online,
      writers: this.#writers.names,
      high: this.#log.high,
    }
  }
}
