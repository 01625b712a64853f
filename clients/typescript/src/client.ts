import { Backoff } from './backoff.js'
import { Ended, Refused } from './error.js'
import {
  Authenticate,
  Draining,
  type DrainingNotice,
  type ErrorInfo,
  type Event,
  type JoinAck,
  type JoinRequest,
  JoinRoom,
  Problem,
  type ProblemNotice,
  ReceiveMessage,
  type Refusal,
  RoomRemoved,
  type RoomRemovedNotice,
  Sync,
  type SyncAck,
  type SyncRequest,
} from './protocol.js'
import { call, type TokenSource } from './rest.js'
import { Room } from './room.js'
import {
  type Listener,
  type Start,
  type SubscribeOptions,
  Subscription,
  type SubscriptionNeeds,
  type Syncing,
} from './subscription.js'
import { type OpenWire, openSocket, type Wire } from './wire.js'

export interface ClientOptions {
  /** Where the server is, https://chat.example.org; in a browser, of its own pages, location.origin. */
  url: string
  token: TokenSource
  /** How to connect; {@link openSocket} when absent. */
  wire?: OpenWire
  /**
   * Where the server does not let the person in any more, the client only stops,
   * and goes on when it is told to {@link Client.resume}.
   */
  resumable?: boolean
  /**
   * Synced is for a client that shows the person's rooms: after each connect it
   * asks for their list, page by page, and, in the same round trip, for what was
   * missed in the subscriptions that may skip. From then on roomChanged tells of
   * the rooms that are not joined; direct rooms and groups are joined by the
   * server, and {@link Client.on} hears of their events.
   */
  synced?: (page: SyncAck, first: boolean) => void
}

export type ClientState =
  | { phase: 'connecting' }
  | { phase: 'up' }
  /** The server does not let the person in any more; nothing is tried until {@link Client.resume}. */
  | { phase: 'stopped'; error: Refused }
  /** Closed, or the server does not let the person in any more. */
  | { phase: 'ended'; error: Error }

/** The server answers `unknown` after 10 s, so silence beyond this is a lost connection. */
const answerWithin = 20_000
/** A catch-up waits for those before it. */
const joinWithin = 120_000
/** A connection that has held this long counts as a success. */
const steady = 5_000
/** An attempt that has taken this long is given up when the network is back: it may belong to the one before. */
const stale = 5_000
/** The server says something every 25 s; silent for longer, the program was asleep. */
const asleep = 35_000
/** Rooms that one sync may name. */
const mostSynced = 2_000

/** Client is one connection of one person, made again whenever it is lost. */
export class Client {
  readonly #url: string
  readonly #token: TokenSource
  readonly #wire: Wire
  readonly #resumable: boolean
  readonly #synced: ClientOptions['synced']
  /** Of each room; those that matter most come last. */
  readonly #subscriptions = new Map<number, Subscription>()
  readonly #listeners = new Map<string, Set<(payload: never) => void>>()
  readonly #watchers = new Set<(state: ClientState) => void>()
  readonly #wait = new Backoff(500, 20_000)
  readonly #syncWait = new Backoff(500, 20_000)
  #state: ClientState = { phase: 'connecting' }
  #using = ''
  #refused: string | undefined
  #stayAway = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #syncTimer: ReturnType<typeof setTimeout> | undefined
  #since = 0
  /** Counts attempts to connect, and when the last began. */
  #attempt = 0
  #tried = 0
  /** Counts connections; what belongs to an earlier one is not wanted any more. */
  #turn = 0

  /** The client connects at once, and goes on until {@link close}. */
  constructor({ url, token, wire = openSocket, resumable = false, synced }: ClientOptions) {
    this.#url = url.replace(/\/$/, '')
    this.#token = token
    this.#resumable = resumable
    this.#synced = synced
    this.#wire = wire(this.#url, {
      connected: () => this.#connected(),
      failed: (refusal) => this.#failed(refusal),
      lost: () => this.#lost(),
      event: (name, payload) => this.#event(name, payload),
    })
    void this.#connect()
  }

  get state(): ClientState {
    return this.#state
  }

  /** Watch calls back with every new state; returns how to end that. */
  watch(watcher: (state: ClientState) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Connected resolves when there is a connection, and rejects when the client has ended. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (state: ClientState) => {
        if (state.phase !== 'up' && state.phase !== 'ended') return
        end()
        if (state.phase === 'up') resolve()
        else reject(state.error)
      }
      const end = this.watch(look)
      look(this.#state)
    })
  }

  /**
   * On calls the listener with every payload of an event of the server; with
   * receiveMessage only of rooms that nothing here has joined.
   */
  on<Payload>(event: string, listener: (payload: Payload) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /**
   * Wake says that the network, or the person, is back. A wait for the next
   * attempt ends; an attempt that takes long, and a connection over which nothing
   * came for long, because the device slept, are given up and made anew.
   */
  wake(): void {
    if (this.#state.phase === 'up' && this.#wire.silent() > asleep) this.#wire.disconnect()
    const hangs = this.#state.phase === 'connecting' && Date.now() - this.#tried > stale
    if (this.#timer !== undefined || hangs) this.#again()
  }

  /**
   * Resume goes on after the client was stopped: the person asks for it, or has
   * signed in again. An attempt that is under way is given up for one of now.
   */
  resume(): void {
    if (this.#state.phase === 'stopped') this.#become({ phase: 'connecting' })
    if (this.#state.phase === 'connecting') this.#again()
    else this.wake()
  }

  /** Join listens to a room, and on a public one makes the person a member; once for each room. */
  join(roomId: number, start: Start = {}): Room {
    const needs = { ...this.#needsOf(roomId), call: this.call.bind(this) }
    const room = new Room(roomId, start, needs)
    this.#add(room.subscription)
    return room
  }

  /** Subscribe lets a listener follow a room, which is joined as the options say; once for each room. */
  subscribe(roomId: number, options: SubscribeOptions, listener: Listener): Subscription {
    const subscription = new Subscription(roomId, options, listener, this.#needsOf(roomId))
    this.#add(subscription)
    return subscription
  }

  /** JoinName is {@link join} for the public room of a name. */
  async joinName(roomName: string, start: Start = {}): Promise<Room> {
    // A preview says which room it is and makes nobody a member. Joining ends
    // the subscription that it begins.
    const request: JoinRequest = { roomName, preview: true }
    const { room } = await this.call<JoinAck>(JoinRoom, request)
    if (!room) throw new Error(`the server does not say which room ${roomName} is`)
    return this.join(room.id, start)
  }

  /**
   * Call asks until there is an answer that is final, over cuts too: an event
   * that must not be done twice needs a cid. A refusal is a {@link Refused}.
   */
  async call<Ack>(event: string, payload: unknown): Promise<Ack> {
    const wait = new Backoff(200, 10_000)
    for (;;) {
      await this.connected()
      const answer = await new Promise<(Ack & { ok: boolean }) | Refusal | undefined>((tell) =>
        this.#ask(event, payload, tell),
      )
      if (answer?.ok) return answer as Ack
      const refused = answer && new Refused((answer as Refusal).error)
      if (refused?.final) throw refused
      await new Promise((done) => setTimeout(done, wait.next(refused?.retryAfter)))
    }
  }

  /** Ask asks once: undefined when no answer came, after which it may have been done all the same. */
  ask<Ack>(event: string, payload: unknown): Promise<Ack | Refusal | undefined> {
    return new Promise((tell) => this.#ask<Ack>(event, payload, tell))
  }

  /** Rest makes one call of the REST API, with a path like /api/v1/rooms. Only a refused token makes it ask again. */
  async rest<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const token = await this.#token()
    try {
      return await call<Answer>(this.#url, method, path, body, token)
    } catch (error) {
      if (!(error instanceof Refused && error.unauthorized)) throw error
      return call<Answer>(this.#url, method, path, body, await this.#token(token))
    }
  }

  /** Close ends the connection and every room. What waits to be sent is not sent any more. */
  close(): void {
    this.#end(new Ended('closed'))
  }

  #needsOf(roomId: number): SubscriptionNeeds {
    return {
      up: () => this.#state.phase === 'up',
      ask: (event, payload, tell) => this.#ask(event, payload, tell),
      prefer: () => this.#prefer(roomId),
      forget: () => this.#subscriptions.delete(roomId),
    }
  }

  #add(subscription: Subscription): void {
    const { roomId } = subscription
    if (this.#state.phase === 'ended') return subscription.end(this.#state.error)
    if (this.#subscriptions.has(roomId)) throw new Error(`room ${roomId} is joined already`)
    this.#subscriptions.set(roomId, subscription)
    subscription.up()
  }

  #prefer(roomId: number): void {
    const subscription = this.#subscriptions.get(roomId)
    if (!subscription) return
    this.#subscriptions.delete(roomId)
    this.#subscriptions.set(roomId, subscription)
  }

  #ask<Ack>(event: string, payload: unknown, tell: (answer: Ack | Refusal | undefined) => void): void {
    const within = event === JoinRoom || event === Sync ? joinWithin : answerWithin
    this.#wire.ask(event, payload, within, (answer) => {
      const error = (answer as Partial<Refusal> | undefined)?.error
      if (error && event !== Authenticate && new Refused(error).unauthorized) void this.#renew()
      tell(answer as Ack | Refusal | undefined)
    })
  }

  #again(): void {
    clearTimeout(this.#timer)
    this.#wire.disconnect()
    void this.#connect()
  }

  async #connect(): Promise<void> {
    this.#timer = undefined
    this.#tried = Date.now()
    const attempt = ++this.#attempt
    const refused = this.#refused
    try {
      const token = await this.#token(refused)
      if (this.#state.phase !== 'connecting' || attempt !== this.#attempt) return
      if (token === refused)
        return this.#stop(new Refused({ code: 'unauthorized', message: 'The token is not good any more.' }))
      this.#using = token
      this.#wire.connect(token)
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (meansOut(error)) this.#stop(error)
      else this.#retry()
    }
  }

  #connected(): void {
    this.#refused = undefined
    this.#since = Date.now()
    this.#turn++
    this.#become({ phase: 'up' })
    const subscriptions = [...this.#subscriptions.values()].reverse()
    if (this.#synced) this.#sync(this.#synced, subscriptions)
    else for (const subscription of subscriptions) subscription.up()
  }

  #failed(refusal: ErrorInfo | undefined): void {
    const refused = refusal && new Refused(refusal)
    if (!refused?.unauthorized) return this.#retry(refused?.retryAfter)
    const renewed = this.#refused !== undefined
    this.#refused = this.#using
    // A server that refuses even a new token is asked again later.
    if (renewed) this.#retry()
    else void this.#connect()
  }

  #lost(): void {
    if (this.#state.phase !== 'up') return
    if (Date.now() - this.#since > steady) this.#wait.reset()
    this.#become({ phase: 'connecting' })
    this.#down()
    this.#retry()
  }

  #down(): void {
    clearTimeout(this.#syncTimer)
    this.#turn++
    for (const subscription of [...this.#subscriptions.values()]) subscription.down()
  }

  #retry(retryAfter = 0): void {
    if (this.#state.phase !== 'connecting') return
    clearTimeout(this.#timer)
    const delay = this.#wait.next(retryAfter) + this.#stayAway * 1000
    this.#stayAway = 0
    this.#timer = setTimeout(() => void this.#connect(), delay)
  }

  #event(name: string, payload: unknown): void {
    switch (name) {
      case ReceiveMessage: {
        const subscription = this.#subscriptions.get((payload as Event).roomId)
        if (subscription) return subscription.receive(payload as Event)
        break
      }
      case Problem:
        this.#problem(payload as ProblemNotice)
        break
      case Draining:
        this.#stayAway = (payload as DrainingNotice).reconnectAfter
        break
      case RoomRemoved:
        this.#subscriptions.get((payload as RoomRemovedNotice).roomId)?.end(new Ended('removed'))
        break
    }
    for (const listener of this.#listeners.get(name) ?? []) listener(payload as never)
  }

  #problem({ code, message, reconnect }: ProblemNotice): void {
    const problem = new Refused({ code, message })
    if (code === 'expiring') void this.#renew()
    else if (problem.unauthorized) this.#refused = this.#using
    else if (!reconnect) this.#stop(problem)
  }

  /**
   * Exchanges the token of a live connection. When nobody can say whether there is
   * a better one, the server closes the connection when the token ends.
   */
  async #renew(): Promise<void> {
    const turn = this.#turn
    try {
      const token = await this.#token(this.#using)
      if (token === this.#using || turn !== this.#turn) return
      this.#ask<{ ok: true }>(Authenticate, { token }, (answer) => {
        if (turn !== this.#turn || !answer) return
        if (answer.ok) this.#using = token
        else this.#wire.disconnect()
      })
    } catch (error) {
      if (turn === this.#turn && meansOut(error)) this.#stop(error)
    }
  }

  /** Catches these up, together if they may skip, and asks for a page of the list. */
  #sync(tell: NonNullable<ClientOptions['synced']>, subscriptions: Subscription[], after = 0): void {
    const turn = this.#turn
    const named = new Map<number, Syncing>()
    const others: Subscription[] = []
    for (const subscription of subscriptions) {
      const syncing = named.size < mostSynced ? subscription.syncing() : undefined
      if (syncing) named.set(subscription.roomId, syncing)
      else others.push(subscription)
    }
    const rooms = [...named.values()].map(({ cursor }) => cursor)
    const request: SyncRequest = { ...(rooms.length > 0 && { rooms }), ...(after > 0 && { after }) }
    this.#ask<SyncAck>(Sync, request, (answer) => {
      if (turn !== this.#turn) return
      const ack = answer?.ok ? (answer as SyncAck) : undefined
      if (ack) tell(ack, after === 0)
      for (const room of ack?.caughtUp ?? []) {
        const syncing = named.get(room.roomId)
        if (syncing) syncing.answer(room)
        else this.#subscriptions.get(room.roomId)?.rejoined(room.head)
        named.delete(room.roomId)
      }
      for (const syncing of named.values()) syncing.answer(undefined)
      // Unless somebody has joined it meanwhile.
      for (const one of others) if (one.phase !== 'joining' && one.phase !== 'live') one.up()
      if (!ack) return this.#syncLater(tell, after, (answer as Refusal | undefined)?.error.retryAfter)
      this.#syncWait.reset()
      if (ack.next !== undefined) this.#sync(tell, [], ack.next)
    })
  }

  #syncLater(tell: NonNullable<ClientOptions['synced']>, after: number, retryAfter?: number): void {
    this.#syncTimer = setTimeout(() => this.#sync(tell, [], after), this.#syncWait.next(retryAfter))
  }

  /** Stop ends the client, or has it wait for somebody who resumes it. */
  #stop(error: Refused): void {
    if (!this.#resumable) return this.#end(error)
    if (this.#state.phase === 'ended') return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#become({ phase: 'stopped', error })
    this.#down()
    this.#wire.disconnect()
  }

  #end(error: Error): void {
    if (this.#state.phase === 'ended') return
    clearTimeout(this.#timer)
    clearTimeout(this.#syncTimer)
    this.#timer = undefined
    this.#turn++
    this.#become({ phase: 'ended', error })
    for (const subscription of [...this.#subscriptions.values()]) subscription.end(error)
    this.#wire.disconnect()
  }

  #become(state: ClientState): void {
    this.#state = state
    for (const watcher of [...this.#watchers]) watcher(state)
  }
}

/** MeansOut reports whether the server does not let the person in with any token. */
function meansOut(error: unknown): error is Refused {
  return error instanceof Refused && (error.final || error.unauthorized)
}
