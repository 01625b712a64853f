import { Backoff } from './backoff.js'
import { Refused } from './error.js'
import {
  type CaughtUp,
  type Event,
  type Head,
  type JoinAck,
  type JoinRequest,
  JoinRoom,
  type LeaveRequest,
  LeaveRoom,
  type Refusal,
  type Reset,
  type RoomCursor,
  type RoomInfo,
} from './protocol.js'

/**
 * Where in a room's history to begin: behind a cursor, "0" being the beginning;
 * or with the so-many-th last message, up to 200; or, with neither, with what
 * happens next.
 */
export type Start = { since: string } | { latest: number } | Record<string, never>

export interface SubscribeOptions {
  start?: Start
  /**
   * What the program has kept: everything up to the event with this seq and
   * cursor. The room goes on behind it; where the server does not know it any
   * more, the room begins anew, as after any reset.
   */
  held?: { seq: number; cursor: string }
  /** Read a public room without becoming a member. */
  preview?: boolean
  /**
   * For a page that shows the end of a room: what would take long to catch up
   * with is left out, behind a gap, but for the latest messages.
   */
  skips?: boolean
}

/**
 * Where a room stands with the server: `away` there is no connection, or the
 * next attempt waits; `clearing` what an earlier subscription sends is not taken;
 * `joining` what was missed is coming; `live` what happens comes; `paused` the
 * listener is behind, and what comes is not taken; `refused` the server says no,
 * for good; `ended`.
 */
export type Phase = 'away' | 'clearing' | 'joining' | 'live' | 'paused' | 'refused' | 'ended'

/** What follows a room. */
export interface Listener {
  /**
   * Take gets every event of the room once and in the order of seq, without a
   * hole; void and hidden ones, which have nothing to show, among them. An event
   * of kind gap says that the events from…to were left out; one of kind reset that
   * what came before it is no part of the room's history any more, and that the
   * room begins anew behind it, with its latest messages. Live tells what happens
   * now from what was missed.
   */
  take(event: Event, live: boolean): void
  /** Changed says that the phase is another one; while paused, that there is a connection again. */
  changed(subscription: Subscription): void
}

/** What a subscription needs of the client. Ask gives undefined when no answer came. */
export interface SubscriptionNeeds {
  up(): boolean
  ask<Ack>(event: string, payload: unknown, tell: (answer: Ack | Refusal | undefined) => void): void
  /** It comes first where not everything can come at once. */
  prefer(): void
  forget(): void
}

/** A room that takes part in a sync. */
export interface Syncing {
  cursor: RoomCursor
  /** Answer takes how it stands; undefined when the sync did not say. */
  answer(caughtUp: CaughtUp | undefined): void
}

const defaultLatest = 50
/** After so many parts of a catch-up the rest is skipped, if it may be. */
const mostParts = 4
/** Times that a missing number is asked for again. */
const mostHoles = 3

/** Subscription is where a program stands in one room, and how it gets up to date there after every cut. */
export class Subscription {
  readonly roomId: number
  /** Whether what would take long may be left out; see {@link SubscribeOptions}. */
  readonly skips: boolean
  readonly #listener: Listener
  readonly #needs: SubscriptionNeeds
  readonly #setbacks = new Backoff(300, 15_000)
  #phase: Phase = 'away'
  #start: Start
  #preview: boolean
  #room: RoomInfo | undefined
  #head: Head | undefined
  #error: Error | undefined
  /** Something was received, and {@link #high} is the last number of it. */
  #began = false
  #high = 0
  #cursor = ''
  /** Counts questions; the answer to an earlier one is not wanted any more. */
  #turn = 0
  #parts = 0
  #holes = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(roomId: number, options: SubscribeOptions, listener: Listener, needs: SubscriptionNeeds) {
    this.roomId = roomId
    this.#start = options.start ?? {}
    this.#preview = options.preview ?? false
    this.skips = options.skips ?? false
    if (options.held) {
      this.#began = true
      this.#high = options.held.seq
      this.#cursor = options.held.cursor
    }
    this.#listener = listener
    this.#needs = needs
  }

  get phase(): Phase {
    return this.#phase
  }

  /** The room as it was when it was joined last. */
  get room(): RoomInfo | undefined {
    return this.#room
  }

  /** Up to where the room went when it was caught up with last: all of it was taken, or announced as a gap. */
  get head(): Head | undefined {
    return this.#head
  }

  /** Why it is refused, or has ended. */
  get error(): Error | undefined {
    return this.#error
  }

  /** Everything up to here was taken; empty behind a gap of which no event has come, and before the first. */
  get cursor(): string {
    return this.#cursor
  }

  /** Preview says anew whether the person stays none of the members; changing it joins again. */
  preview(wanted: boolean): void {
    if (wanted === this.#preview) return
    this.#preview = wanted
    this.up()
  }

  /** Prefer lets the room come first when everything is caught up with: somebody looks at it. */
  prefer(): void {
    this.#needs.prefer()
  }

  /** Pause stops taking events, until {@link resume}. */
  pause(): void {
    if (this.#phase !== 'joining' && this.#phase !== 'live') return
    this.#turn++
    this.#unsubscribe(() => {})
    this.#become('paused')
  }

  /** Resume asks for what has happened since {@link pause}. */
  resume(): void {
    if (this.#phase !== 'paused') return
    this.#phase = 'away'
    this.up()
  }

  /** Close stops listening. The person stays a member. */
  close(error: Error): void {
    if (this.#phase === 'ended') return
    if (this.#needs.up()) this.#unsubscribe(() => {})
    this.end(error)
  }

  // What follows is for the client to call.

  /** Up joins the room from where it stands, if there is a connection; also one that was refused. */
  up(): void {
    if (!this.#needs.up() || this.#phase === 'ended') return
    if (this.#phase === 'paused') return this.#listener.changed(this)
    clearTimeout(this.#timer)
    this.#error = undefined
    this.#parts = 0
    if (this.#began) return this.#subscribe()
    // An earlier subscription of this room on this connection may still send:
    // its event would be taken for the first. Behind the answer there is none.
    const turn = ++this.#turn
    this.#become('clearing')
    this.#unsubscribe((answer) => {
      if (turn !== this.#turn) return
      if (!answer) return this.#joinLater()
      const refused = answer.ok ? undefined : new Refused((answer as Refusal).error)
      if (refused && !refused.final) return this.#joinLater(refused.retryAfter)
      this.#become('joining')
    })
    if (turn === this.#turn) this.#join(turn)
  }

  /** Down tells that the connection has ended. */
  down(): void {
    if (this.#phase === 'paused' || this.#phase === 'ended') return
    clearTimeout(this.#timer)
    this.#turn++
    this.#become('away')
  }

  /**
   * Syncing begins to catch up as part of a sync; undefined when it has to join
   * by itself.
   */
  syncing(): Syncing | undefined {
    if (!this.skips || this.#cursor === '' || this.#phase === 'ended') return undefined
    clearTimeout(this.#timer)
    const turn = ++this.#turn
    this.#error = undefined
    this.#parts = 0
    this.#become('joining')
    return {
      cursor: { roomId: this.roomId, since: this.#cursor },
      answer: (caughtUp) => {
        if (turn === this.#turn) this.#synced(caughtUp)
      },
    }
  }

  /** Rejoined tells that the server has joined the room by itself, from a head on: what was live before must reach it. */
  rejoined(head: Head | undefined): void {
    if (this.#phase === 'live' && head && head.seq > this.#high) this.#mend()
  }

  /** Receive takes one receiveMessage packet of this room. */
  receive(event: Event): void {
    if (this.#phase !== 'joining' && this.#phase !== 'live') return
    const live = this.#phase === 'live'
    if (event.kind === 'gap') return this.#skip(event)
    if (event.kind === 'reset') {
      if (live) this.#startOver(event.reason ?? 'history', event.head)
      return
    }
    const seq = event.seq ?? 0
    if (this.#began && seq <= this.#high) return // was here before
    if (this.#began && seq !== this.#high + 1) {
      // While joining, the answer decides; live, a number was lost.
      if (live) this.#mend()
      return
    }
    this.#began = true
    this.#high = seq
    this.#cursor = event.cursor ?? ''
    this.#listener.take(event, live)
  }

  /** End ends it for good, because of the error. */
  end(error: Error): void {
    if (this.#phase === 'ended') return
    clearTimeout(this.#timer)
    this.#turn++
    this.#error = error
    this.#needs.forget()
    this.#become('ended')
  }

  #subscribe(): void {
    const turn = ++this.#turn
    this.#become('joining')
    if (turn === this.#turn) this.#join(turn)
  }

  #join(turn: number): void {
    this.#needs.ask<JoinAck>(JoinRoom, this.#joinRequest(), (answer) => {
      if (turn === this.#turn) this.#answered(answer)
    })
  }

  #unsubscribe(tell: (answer: { ok: boolean } | Refusal | undefined) => void): void {
    const request: LeaveRequest = { roomId: this.roomId }
    this.#needs.ask<{ ok: boolean }>(LeaveRoom, request, tell)
  }

  #joinRequest(): JoinRequest {
    const request: JoinRequest = { roomId: this.roomId, ...(this.#preview && { preview: true }) }
    if (!this.#began) return { ...request, ...this.#start }
    const patient = !this.skips || this.#parts < mostParts
    if (this.#cursor !== '' && patient) return { ...request, since: this.#cursor }
    return { ...request, latest: this.#latest }
  }

  get #latest(): number {
    return 'latest' in this.#start ? this.#start.latest : defaultLatest
  }

  #answered(answer: JoinAck | Refusal | undefined): void {
    if (!answer) return this.#joinLater()
    if (!answer.ok) return this.#refuse((answer as Refusal).error)
    const ack = answer as JoinAck
    if (ack.room) this.#room = ack.room
    if (ack.reset) return this.#startOver(ack.reset.reason, ack.reset.head)
    this.#parts++
    if (ack.more) return this.#subscribe()
    this.#settle(ack.head)
  }

  #synced(caughtUp: CaughtUp | undefined): void {
    if (!caughtUp) return this.#subscribe()
    if (caughtUp.error) return this.#refuse(caughtUp.error)
    if (caughtUp.reset) return this.#startOver(caughtUp.reset.reason, caughtUp.reset.head)
    if (caughtUp.more || !caughtUp.joined) return this.#subscribe()
    this.#settle(caughtUp.head)
  }

  #refuse(error: Refusal['error']): void {
    const refused = new Refused(error)
    if (!refused.final) return this.#joinLater(refused.retryAfter)
    this.#turn++
    this.#error = refused
    this.#become('refused')
  }

  /** The end of a catch-up: everything up to the head must be here. */
  #settle(head: Head | undefined): void {
    if (!head) return this.#joinLater()
    if (!this.#began) {
      this.#began = true
      this.#high = head.seq
    }
    if (this.#high < head.seq) return this.#mend()
    if (this.#cursor === '') this.#cursor = head.cursor
    this.#head = head
    this.#holes = 0
    this.#setbacks.reset()
    this.#become('live')
  }

  /** A gap: what lies in it will not be sent. */
  #skip(gap: Event): void {
    const to = gap.to ?? 0
    if (this.#began && this.#high >= to) return
    this.#began = true
    this.#high = to
    this.#cursor = ''
    this.#listener.take(gap, this.#phase === 'live')
  }

  /** Asks for what is missing. If that does not help, the room starts over. */
  #mend(): void {
    if (++this.#holes > mostHoles) this.#startOver('numbering')
    else this.#joinLater()
  }

  #startOver(reason: string, head?: Reset['head']): void {
    this.#began = false
    this.#high = 0
    this.#cursor = ''
    this.#holes = 0
    this.#start = { latest: this.#latest }
    this.#turn++
    this.#become('away')
    this.#listener.take({ kind: 'reset', roomId: this.roomId, reason, ...(head && { head }) }, false)
    this.#joinLater()
  }

  #joinLater(atLeast = 0): void {
    if (this.#phase === 'ended') return
    this.#turn++
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.up(), this.#setbacks.next(atLeast))
    this.#become('away')
  }

  #become(phase: Phase): void {
    if (phase === this.#phase) return
    this.#phase = phase
    this.#listener.changed(this)
  }
}
