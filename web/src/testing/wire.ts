import type { OpenWire, Wire, WireEvents } from 'parley-client'
import { LeaveRoom } from '../protocol/types'
import { flush } from './defer'

/** A request that the code under test has made and the test answers. */
export interface Asked {
  event: string
  payload: Record<string, unknown>
  reply(ack: object): Promise<void>
  lose(): Promise<void>
}

/**
 * FakeWire stands in for the socket: the test decides when it connects, fails,
 * answers and closes, in the order in which a server would. Leaving a room is
 * answered at once.
 */
export class FakeWire implements Wire {
  readonly asked: Asked[] = []
  attempts = 0
  up = false
  #events: WireEvents | undefined
  readonly #open = new Set<(answer: unknown) => void>()

  readonly open: OpenWire = (_url, events) => {
    this.#events = events
    return this
  }

  connect(): void {
    if (!this.up) this.attempts++
  }

  disconnect(): void {
    if (this.up) void this.drop()
  }

  silent(): number {
    return 0
  }

  ask(event: string, payload: unknown, _within: number, tell: (answer: unknown) => void): void {
    if (!this.up) return tell(undefined)
    const settle = (answer: unknown) => {
      if (this.#open.delete(settle)) tell(answer)
    }
    this.#open.add(settle)
    const answer = (said: unknown) => {
      settle(said)
      return flush()
    }
    this.asked.push({
      event,
      payload: payload as Record<string, unknown>,
      reply: answer,
      lose: () => answer(undefined),
    })
    if (event === LeaveRoom) settle({ ok: true })
  }

  async accept(): Promise<void> {
    this.up = true
    this.#events?.connected()
    await flush()
  }

  async drop(): Promise<void> {
    this.up = false
    for (const settle of [...this.#open]) settle(undefined)
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
