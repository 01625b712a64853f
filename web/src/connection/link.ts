import { createStore, type StoreApi } from 'zustand/vanilla'
import {
  Authenticate,
  Draining,
  type DrainingNotice,
  type ErrorInfo,
  Problem,
  type ProblemNotice,
} from '../protocol/types'
import { wait } from './backoff'
import type { RefreshOutcome } from './session'
import type { ConnectRefusal, OpenWire, Wire } from './socket'

/** What the link needs of the session. */
export interface Credential {
  token(): string
  stale(): boolean
  refresh(): Promise<RefreshOutcome>
}

export type LinkState =
  | { phase: 'connecting'; attempt: number }
  | { phase: 'up' }
  /** Nothing is tried any more until {@link Link.resume}; message says why. */
  | { phase: 'stopped'; code: string; message: string }

const reconnectBounds = { first: 500, most: 20_000 }

/** A connection that has held this long, in milliseconds, counts as a success and resets the back-off. */
const steadyAfter = 5_000

/**
 * Link keeps one connection to the server alive: connects, comes back with
 * back-off and jitter, renews the token, and obeys what the server says before
 * it closes. It knows nothing of rooms.
 */
export class Link {
  readonly state: StoreApi<LinkState> = createStore<LinkState>(() => ({ phase: 'connecting', attempt: 0 }))
  readonly #credential: Credential
  readonly #wire: Wire
  readonly #listeners = new Map<string, Set<(payload: never) => void>>()
  #attempt = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #steady: ReturnType<typeof setTimeout> | undefined
  /** The next attempt must not use the token in hand. */
  #renew = false
  /** The token of the present attempt was made for it. */
  #renewed = false
  /** Milliseconds the server asked to stay away for, once. */
  #stayAway: number | undefined
  #running = false

  constructor(credential: Credential, openWire: OpenWire) {
    this.#credential = credential
    this.#wire = openWire(() => credential.token(), {
      connected: () => this.#connected(),
      failed: (refusal) => this.#failed(refusal),
      lost: () => this.#lost(),
      event: (name, payload) => this.#event(name, payload),
    })
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#attempt = 0
    void this.#connect()
  }

  /** Stop disconnects for good; {@link resume} undoes it. */
  stop(): void {
    this.#running = false
    this.#clearTimers()
    this.#wire.disconnect()
  }

  /** Wake tries at once when a wait is under way: the network, or the person, is back. */
  wake(): void {
    if (this.#running) this.resume()
  }

  /** Resume tries at once, even after everything was stopped: the person asks for it, or has signed in again. */
  resume(): void {
    if (this.state.getState().phase === 'up') return
    this.#running = true
    void this.#connect()
  }

  /** On calls the listener with every payload of the server's event; returns how to end that. */
  on<Payload>(event: string, listener: (payload: Payload) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** Request is {@link Wire.request}, with a refused token noticed. */
  async request<Ack extends object>(event: string, payload: unknown): Promise<Ack> {
    const ack = await this.#wire.request<Ack>(event, payload)
    if (codeOf(ack) === 'unauthorized') void this.#renewLive()
    return ack
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#timer)
    this.state.setState({ phase: 'connecting', attempt: this.#attempt }, true)
    this.#renewed = this.#renew || this.#credential.stale()
    if (this.#renewed) {
      const outcome = await this.#credential.refresh()
      if (!this.#running) return
      if (outcome === 'refused') return this.#halt('unauthorized', '')
      if (outcome === 'unreachable') return this.#retry()
      this.#renew = false
    }
    this.#wire.connect()
  }

  #connected(): void {
    this.#steady = setTimeout(() => {
      this.#attempt = 0
    }, steadyAfter)
    this.state.setState({ phase: 'up' }, true)
  }

  #failed(refusal: ConnectRefusal): void {
    if (!this.#running) return
    if (refusal && isCredentialCode(refusal.code)) {
      this.#renew = true
      // A server that refuses even a new token is asked again with back-off.
      if (this.#renewed) return this.#retry()
      void this.#connect()
      return
    }
    if (refusal?.retryAfter) this.#stayAway = refusal.retryAfter * 1000
    this.#retry()
  }

  #lost(): void {
    clearTimeout(this.#steady)
    if (this.#running) this.#retry()
  }

  #retry(): void {
    const jitter = wait(this.#attempt, reconnectBounds)
    const delay = this.#stayAway === undefined ? jitter : this.#stayAway + jitter
    this.#stayAway = undefined
    this.#attempt++
    this.state.setState({ phase: 'connecting', attempt: this.#attempt }, true)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#connect(), delay)
  }

  #halt(code: string, message: string): void {
    this.#running = false
    this.#clearTimers()
    this.#wire.disconnect()
    this.state.setState({ phase: 'stopped', code, message }, true)
  }

  #clearTimers(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#steady)
  }

  #event(name: string, payload: unknown): void {
    if (name === Problem) this.#problem(payload as ProblemNotice)
    else if (name === Draining) this.#stayAway = (payload as DrainingNotice).reconnectAfter * 1000
    for (const listener of this.#listeners.get(name) ?? []) listener(payload as never)
  }

  #problem(problem: ProblemNotice): void {
    if (problem.code === 'expiring') void this.#renewLive()
    else if (isCredentialCode(problem.code)) this.#renew = true
    else if (!problem.reconnect) this.#halt(problem.code, problem.message)
  }

  /** Exchanges the token of the live connection. When the server does not take it, connects anew. */
  async #renewLive(): Promise<void> {
    const outcome = await this.#credential.refresh()
    if (!this.#running || this.state.getState().phase !== 'up') return
    if (outcome === 'refused') return this.#halt('unauthorized', '')
    if (outcome === 'unreachable') return // the server closes when the token ends, and the link comes back
    const ack = await this.#wire
      .request<{ ok: boolean }>(Authenticate, { token: this.#credential.token() })
      .catch(() => undefined)
    if (ack && !ack.ok) this.#wire.disconnect()
  }
}

function isCredentialCode(code: string): boolean {
  return code === 'unauthorized' || code === 'revoked'
}

function codeOf(ack: object): string | undefined {
  return (ack as { error?: ErrorInfo }).error?.code
}
