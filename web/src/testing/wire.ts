import type { OpenWire, Wire, WireEvents } from '../connection/socket'
import { type Deferred, defer, flush } from './defer'

/** A request that the code under test has made and the test answers. */
export interface Asked {
  event: string
  payload: Record<string, unknown>
  reply(ack: object): Promise<void>
  lose(): Promise<void>
}

/**
 * FakeWire stands in for the socket: the test decides when it connects, fails,
 * answers and closes, in the order in which a server would.
 */
export class FakeWire implements Wire {
  readonly asked: Asked[] = []
  attempts = 0
  up = false
  #events: WireEvents | undefined
  #open = new Set<Deferred<never>>()

  readonly open: OpenWire = (_token, events) => {
    this.#events = events
    return this
  }

  connect(): void {
    if (!this.up) this.attempts++
  }

  disconnect(): void {
    if (this.up) void this.drop()
  }

  request<Ack>(event: string, payload: unknown): Promise<Ack> {
    if (!this.up) return Promise.reject(new Error('not connected'))
    const answer = defer<Ack>()
    this.#open.add(answer as Deferred<never>)
    const settle = (act: () => void) => {
      this.#open.delete(answer as Deferred<never>)
      act()
      return flush()
    }
    this.asked.push({
      event,
      payload: payload as Record<string, unknown>,
      reply: (ack) => settle(() => answer.resolve(ack as Ack)),
      lose: () => settle(() => answer.reject(new Error('timeout'))),
    })
    return answer.promise
  }

  async accept(): Promise<void> {
    this.up = true
    this.#events?.connected()
    await flush()
  }

  async refuse(code?: string): Promise<void> {
    this.#events?.failed(code === undefined ? undefined : { code, message: code })
    await flush()
  }

  async drop(): Promise<void> {
    this.up = false
    for (const answer of this.#open) answer.reject(new Error('disconnected'))
    this.#open.clear()
    this.#events?.lost()
    await flush()
  }

  async say(name: string, payload: unknown): Promise<void> {
    this.#events?.event(name, payload)
    await flush()
  }

  /** The last request of this event. */
  last(event: string): Asked {
    const asked = this.asked.findLast((request) => request.event === event)
    if (!asked) throw new Error(`${event} was not asked`)
    return asked
  }

  count(event: string): number {
    return this.asked.filter((request) => request.event === event).length
  }
}
