import {
  type Client,
  Ended,
  type Keep,
  Outbox,
  type Outgoing,
  Refused,
  type Subscription,
} from 'parley-client'
import { createStore, type StoreApi } from 'zustand/vanilla'
import {
  type ErrorInfo,
  type Event,
  GetMessages,
  GetOnlineUsers,
  type Head,
  type OnlineAck,
  type OnlinePerson,
  type PageAck,
  type PageRequest,
  type PersonInfo,
  type PresenceChange,
  type RoomInfo,
  type SendAck,
  SendMessage,
  Typing,
  type TypingNotice,
  type TypingRequest,
} from '../protocol/types'
import { Amendments } from './amendments'
import { oncePerFrame } from './frame'
import { type Held, RoomLog } from './log'
import { type OnTheirWay, sorted } from './outgoing'
import { Past } from './past'
import type { Line } from './timeline'
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
  /** Messages, and changes of messages, that are on their way. */
  outgoing: OnTheirWay['messages']
  changes: OnTheirWay['changes']
  /** Whether older messages may exist that are not held. */
  hasOlder: boolean
  loadingOlder: boolean
  /** The events are a part of the past, away from what is held of the room's end. */
  detached: boolean
  /** The last attempt to load older messages failed. */
  olderFailed: boolean
  /** Everything up to the room's head is here, and live follows. */
  complete: boolean
  /** Who of the members is online; undefined until the server has said it. */
  online: readonly OnlinePerson[] | undefined
  /** Names of those who write right now. */
  writers: readonly string[]
  /** Seq up to which everything is held. */
  high: number
  /** When this was last all that the server had to say, in ms, while the room is not live. */
  seenAt: number | undefined
  /** It is what an earlier page has seen: the room was not live since. */
  restored: boolean
}

/** What a device keeps of a room over a reload, how many messages there were, and when it was last live. */
export interface Kept extends Held {
  roomId: number
  n: number
  at: number
  /** When it was brought up to date since, by somebody who did not open the room. */
  renewed?: number
}

/**
 * Outdated reports whether more than messages has come to a room since this was
 * kept of it: what it says may have been changed, or deleted.
 */
export function outdated({ high, n }: Pick<Kept, 'high' | 'n'>, head: Head): boolean {
  return head.seq > high && head.seq - head.n !== high - n
}

/** What a conversation needs from around it. */
export interface ConversationNeeds {
  client: Pick<Client, 'subscribe' | 'ask'>
  keep: Keep
  /** The signed-in person. */
  userId: number
  /** Seq of the last event that the person has seen, when that is known. */
  readUpTo(): number | undefined
  /** A join was answered with the room as it is now. */
  joined(room: RoomInfo): void
  /** People are in the room just now. */
  met(people: readonly PersonInfo[]): void
  /** The next event of the room has arrived; live tells it from what was missed. */
  arrived(event: Event, live: boolean): void
}

export const pageSize = 50

/** Events kept of a room in which nobody reads above the end; so many more are let go at once. */
const keepEvents = 1_000
const keepMargin = 500

/**
 * Conversation is one room on this device: its log, its outbox, who is there,
 * and the subscription that feeds them. The outbox goes only while that is live.
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
  readonly #subscription: Subscription
  #interest: Interest
  #phase: ConversationPhase = 'joining'
  #refusal: ErrorInfo | undefined
  #online: readonly OnlinePerson[] | undefined
  #past: Past | undefined
  #loadingOlder = false
  #loadingNewer = false
  #olderFailed = false
  #keepAll = false
  #seenAt: number | undefined
  #restored = false
  /** What is shown in the place of what a gap made the log drop, until what is behind the gap is here. */
  #until: readonly Event[] | undefined
  #onTheirWay: OnTheirWay
  /** Counts questions who is online; the answer to an earlier one is no longer wanted. */
  #turn = 0
  /** The room as it was told of last. */
  #told: RoomInfo | undefined
  readonly #show = oncePerFrame(() => this.#publishNow())
  #publishing = false

  /** Outgoing is what was on its way, kept what was seen of the room, when the page was open last. */
  constructor(
    roomId: number,
    interest: Interest,
    outgoing: readonly Outgoing[],
    needs: ConversationNeeds,
    kept?: Kept,
  ) {
    this.roomId = roomId
    this.#interest = interest
    this.#needs = needs
    this.outbox = new Outbox(
      {
        roomId,
        keep: needs.keep,
        open: () => this.#phase === 'live' && this.#interest !== 'preview',
        ask: (event, payload, tell) => void needs.client.ask<SendAck>(event, payload).then(tell),
        changed: () => {
          this.#onTheirWay = sorted(this.outbox.list)
          this.#publish()
        },
      },
      outgoing,
    )
    if (kept) {
      this.#log.restore(kept)
      this.#seenAt = kept.renewed ?? kept.at
      this.#restored = true
      for (const event of kept.events) if (event.userId === needs.userId) this.outbox.seen(event)
    }
    this.#onTheirWay = sorted(this.outbox.list)
    this.amendments = new Amendments(this.outbox)
    this.#writers = new Writers(() => this.#publish())
    this.writing = new Writing((stopped) => this.#tellWriting(stopped))
    this.state = createStore<ConversationView>(() => this.#view())
    const options = {
      start: interest === 'listen' ? {} : { latest: pageSize },
      ...(kept && { held: { seq: kept.high, cursor: kept.cursor } }),
      preview: interest === 'preview',
      skips: true,
    }
    this.#subscription = needs.client.subscribe(roomId, options, {
      take: (event, live) => this.#take(event, live),
      changed: (subscription) => this.#changed(subscription),
    })
  }

  /** Kept is what to keep of the room, with so many events at most; nothing while nothing was seen. */
  kept(most: number): Kept | undefined {
    const held = this.#log.held(most)
    const at = this.#phase === 'live' ? Date.now() : this.#seenAt
    const last = held?.events.at(-1)
    return held && last && at !== undefined ? { ...held, roomId: this.roomId, n: last.n ?? 0, at } : undefined
  }

  /** Say sends a message when its turn comes. */
  say(text: string): Outgoing {
    return this.outbox.add({ event: SendMessage, text })
  }

  /** Close ends everything; what is on its way stays kept. */
  close(): void {
    const ended = new Ended('closed')
    this.#subscription.close(ended)
    this.outbox.end(ended)
  }

  /** Want raises or lowers the interest: somebody looks at the room. */
  want(interest: Interest): void {
    this.#subscription.prefer()
    if (interest === this.#interest) return
    this.#interest = interest
    this.#publish()
    this.#subscription.preview(interest === 'preview')
  }

  /**
   * CaughtUp resolves when everything has come that the server had to say
   * up to now, whether or not the connection still stands, with the seq of the
   * last of it. It does not resolve while that cannot be known.
   */
  async caughtUp(): Promise<number> {
    // The answer comes behind what was said before; and what was lost with the
    // connection comes before the room is live again.
    let answered = false
    while (this.#phase === 'live' && !answered) answered = await this.#askWhoIsOnline()
    while (this.#phase !== 'live' && !answered) await this.#changesPhase()
    return this.#log.high
  }

  #changesPhase(): Promise<void> {
    const { phase } = this.state.getState()
    return new Promise((changed) => {
      const end = this.state.subscribe((view) => {
        if (view.phase === phase) return
        end()
        changed()
      })
    })
  }

  /** TryAgain joins once more after a refusal. */
  tryAgain(): void {
    this.#subscription.up()
  }

  #take(event: Event, live: boolean): void {
    if (event.kind === 'gap') {
      if (this.#log.events.length > 0) this.#until = this.#log.events
      this.#log.skip({ from: event.from ?? 0, to: event.to ?? 0 })
      return this.#publish()
    }
    if (event.kind === 'reset') return this.#forget()
    if (this.#log.take(event) !== 'taken') return
    if (live) this.#until = undefined
    if (event.userId === this.#needs.userId) this.outbox.seen(event)
    if (event.kind === 'message' && event.userId) this.#writers.gone(event.userId)
    if (event.kind === 'edit' || event.kind === 'delete') this.#past?.amend(event)
    this.#needs.arrived(event, live)
    // A catch-up is shown as a whole, when it ends.
    if (live) this.#show.soon()
  }

  /** What is held is no part of the room's history. */
  #forget(): void {
    this.#log.clear()
    this.#past = undefined
    this.#until = undefined
    this.#publish()
  }

  /** PresenceChanged takes who came and went. Before it is known who was there, that says nothing: the answer to that comes behind it. */
  presenceChanged({ online, offline }: PresenceChange): void {
    if (!this.#online) return
    const people = new Map(this.#online.map((person) => [person.id, person]))
    for (const id of offline) people.delete(id)
    for (const person of online) people.set(person.id, person)
    this.#needs.met(online)
    this.#online = [...people.values()]
    this.#publish()
  }

  /** PresenceUnknown forgets who is online: the server has not been heard for a while. */
  presenceUnknown(): void {
    this.#online = undefined
    this.#publish()
  }

  /** Typing takes that somebody writes, or has stopped. */
  typing(notice: TypingNotice): void {
    if (notice.userId !== this.#needs.userId) this.#writers.heard(notice)
  }

  /** End is the line behind everything that is held; undefined while nothing is. */
  get end(): Line | undefined {
    const n = this.#log.events.at(-1)?.n
    return n === undefined ? undefined : { after: this.#log.high, n }
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
    const ack = await this.#needs.client.ask<PageAck>(GetMessages, request)
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

  #changed(subscription: Subscription): void {
    const { phase, error } = subscription
    if (phase === 'live') return this.#live(subscription)
    if (this.#phase === 'live') this.#seenAt = Date.now()
    this.#phase = phase === 'refused' ? 'refused' : 'joining'
    this.#refusal = phase === 'refused' && error instanceof Refused ? error : undefined
    this.#writers.clear()
    this.#publish()
  }

  #live({ head, room }: Subscription): void {
    this.#phase = 'live'
    this.#restored = false
    this.#until = undefined
    this.#refusal = undefined
    if (head) this.#log.settle(head)
    const read = this.#needs.readUpTo()
    if (read !== undefined && read + 1 < this.#log.floor) this.#log.owe(read + 1)
    if (room && room !== this.#told) this.#needs.joined(room)
    this.#told = room
    this.#publish()
    this.outbox.opened()
    void this.#askWhoIsOnline()
  }

  /** Asks who is online, and reports whether there was an answer. */
  async #askWhoIsOnline(): Promise<boolean> {
    const turn = ++this.#turn
    const ack = await this.#needs.client.ask<OnlineAck>(GetOnlineUsers, { roomId: this.roomId })
    if (turn === this.#turn && ack?.ok) {
      this.#online = (ack as OnlineAck).users
      this.#needs.met(this.#online)
      this.#publish()
    }
    return ack !== undefined
  }

  /** Says that the person writes. Nobody misses it when it is lost. */
  #tellWriting(stopped: boolean): void {
    if (this.#phase !== 'live' || this.#interest === 'preview') return
    const request: TypingRequest = { roomId: this.roomId, ...(stopped && { stopped }) }
    void this.#needs.client.ask(Typing, request)
  }

  /** Shows the state to whoever watches: once for all changes of the present task. */
  #publish(): void {
    if (this.#publishing) return
    this.#publishing = true
    queueMicrotask(() => {
      if (this.#publishing) this.#publishNow()
    })
  }

  #publishNow(): void {
    this.#publishing = false
    this.#show.cancel()
    this.outbox.passed(this.#log.high)
    if (!this.#keepAll && this.#log.events.length > keepEvents + keepMargin) this.#log.trim(keepEvents)
    this.state.setState(this.#view(), true)
  }

  #view(): ConversationView {
    return {
      phase: this.#phase,
      ...(this.#refusal && { refusal: this.#refusal }),
      interest: this.#interest,
      events: this.#past?.events ?? this.#until ?? this.#log.events,
      outgoing: this.#onTheirWay.messages,
      changes: this.#onTheirWay.changes,
      hasOlder: this.#past?.hasOlder ?? !this.#log.fromStart,
      detached: this.#past !== undefined,
      loadingOlder: this.#loadingOlder,
      olderFailed: this.#olderFailed,
      complete: this.#phase === 'live' && this.#log.complete,
      online: this.#online,
      writers: this.#writers.names,
      high: this.#log.high,
      seenAt: this.#phase === 'live' ? undefined : this.#seenAt,
      restored: this.#restored,
    }
  }
}
