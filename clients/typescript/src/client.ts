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
} from './protocol.js'
import { call, type TokenSource } from './rest.js'
import { Room, type Start } from './room.js'
import { type OpenWire, openSocket, type Wire } from './wire.js'

export interface ClientOptions {
  /** Where the server is, https://chat.example.org; in a browser, of its own pages, location.origin. */
  url: string
  token: TokenSource
  /** How to connect; {@link openSocket} when absent. */
  wire?: OpenWire
}

export type ClientState =
  | { phase: 'connecting' }
  | { phase: 'up' }
  /** Closed, or the server does not let the person in any more. */
  | { phase: 'ended'; error: Error }

/** The server answers `unknown` after 10 s, so silence beyond this is a lost connection. */
const answerWithin = 20_000
/** A catch-up waits for those before it. */
const joinWithin = 120_000
/** A connection that has held this long counts as a success. */
const steady = 5_000

/** Client is one connection of one person, made again whenever it is lost. */
export class Client {
  readonly #url: string
  readonly #token: TokenSource
  readonly #wire: Wire
  readonly #rooms = new Map<number, Room>()
  readonly #listeners = new Map<string, Set<(payload: never) => void>>()
  readonly #watchers = new Set<(state: ClientState) => void>()
  readonly #wait = new Backoff(500, 20_000)
  #state: ClientState = { phase: 'connecting' }
  #using = ''
  #refused: string | undefined
  #stayAway = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #since = 0

  /** The client connects at once, and goes on until {@link close}. */
  constructor({ url, token, wire = openSocket }: ClientOptions) {
    this.#url = url.replace(/\/$/, '')
    this.#token = token
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
        if (state.phase === 'connecting') return
        end()
        if (state.phase === 'up') resolve()
        else reject(state.error)
      }
      const end = this.watch(look)
      look(this.#state)
    })
  }

  /** On calls the listener with every payload of an event of the server that is not one of a room. */
  on<Payload>(event: string, listener: (payload: Payload) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** Wake tries to connect at once when a wait is under way: the network, or the person, is back. */
  wake(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    void this.#connect()
  }

  /** Join listens to a room, and on a public one makes the person a member; once for each room. */
  join(roomId: number, start: Start = {}): Room {
    if (this.#rooms.has(roomId)) throw new Error(`room ${roomId} is joined already`)
    const room = new Room(roomId, start, {
      up: () => this.#state.phase === 'up',
      ask: (event, payload, tell) => this.#ask(event, payload, tell),
      call: (event, payload) => this.call(event, payload),
      forget: () => this.#rooms.delete(roomId),
    })
    if (this.#state.phase === 'ended') {
      room.end(this.#state.error)
      return room
    }
    this.#rooms.set(roomId, room)
    room.up()
    return room
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

  #ask<Ack>(event: string, payload: unknown, tell: (answer: Ack | Refusal | undefined) => void): void {
    const within = event === JoinRoom ? joinWithin : answerWithin
    this.#wire.ask(event, payload, within, (answer) => {
      tell(answer as Ack | Refusal | undefined)
    })
  }

  async #connect(): Promise<void> {
    this.#timer = undefined
    const refused = this.#refused
    try {
      const token = await this.#token(refused)
      if (this.#state.phase === 'ended') return
      if (token === refused)
        return this.#end(new Refused({ code: 'unauthorized', message: 'The token is not good any more.' }))
      this.#using = token
      this.#wire.connect(token)
    } catch (error) {
      if (error instanceof Refused && (error.final || error.unauthorized)) this.#end(error)
      else this.#retry()
    }
  }

  #connected(): void {
    this.#refused = undefined
    this.#since = Date.now()
    this.#become({ phase: 'up' })
    for (const room of this.#rooms.values()) room.up()
  }

  #failed(refusal: ErrorInfo | undefined): void {
    const refused = refusal && new Refused(refusal)
    if (refused?.unauthorized) this.#refused = this.#using
    this.#retry(refused?.retryAfter)
  }

  #lost(): void {
    if (this.#state.phase !== 'up') return
    if (Date.now() - this.#since > steady) this.#wait.reset()
    this.#become({ phase: 'connecting' })
    for (const room of this.#rooms.values()) room.down()
    this.#retry()
  }

  #retry(retryAfter = 0): void {
    if (this.#state.phase === 'ended') return
    clearTimeout(this.#timer)
    const delay = this.#wait.next(retryAfter) + this.#stayAway * 1000
    this.#stayAway = 0
    this.#timer = setTimeout(() => void this.#connect(), delay)
  }

  #event(name: string, payload: unknown): void {
    switch (name) {
      case ReceiveMessage:
        this.#rooms.get((payload as Event).roomId)?.receive(payload as Event)
        return
      case Problem:
        this.#problem(payload as ProblemNotice)
        break
      case Draining:
        this.#stayAway = (payload as DrainingNotice).reconnectAfter
        break
      case RoomRemoved:
        this.#rooms.get((payload as RoomRemovedNotice).roomId)?.end(new Ended('removed'))
        break
    }
    for (const listener of this.#listeners.get(name) ?? []) listener(payload as never)
  }

  #problem({ code, message, reconnect }: ProblemNotice): void {
    const problem = new Refused({ code, message })
    if (code === 'expiring') void this.#renew()
    else if (problem.unauthorized) this.#refused = this.#using
    else if (!reconnect) this.#end(problem)
  }

  /** Exchanges the token of a live connection. When that does not work, the server closes it when the token ends. */
  async #renew(): Promise<void> {
    try {
      const token = await this.#token(this.#using)
      if (token === this.#using) return
      this.#ask<{ ok: true }>(Authenticate, { token }, (answer) => {
        if (answer?.ok) this.#using = token
      })
    } catch {
      // The next connection asks again.
    }
  }

  #end(error: Error): void {
    if (this.#state.phase === 'ended') return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#become({ phase: 'ended', error })
    for (const room of [...this.#rooms.values()]) room.end(error)
    this.#wire.disconnect()
  }

  #become(state: ClientState): void {
    this.#state = state
    for (const watcher of [...this.#watchers]) watcher(state)
  }
}
