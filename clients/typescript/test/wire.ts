import { expect } from 'vitest'
import type { Event } from '../src/protocol.js'
import type { WireEvents } from '../src/wire.js'

/** What was asked over a wire that a test answers by hand. */
export interface Asked {
  event: string
  payload: Record<string, unknown>
  answer(answer: unknown): void
}

/** FakeWire stands in for the socket: the test connects, answers and cuts. */
export class FakeWire {
  events: WireEvents | undefined
  asked: Asked[] = []
  unanswered = new Set<(answer: unknown) => void>()
  tokens: string[] = []
  disconnects = 0
  up = false
  quiet = 0

  open = (_url: string, events: WireEvents) => {
    this.events = events
    return {
      connect: (token: string) => void this.tokens.push(token),
      disconnect: () => {
        this.disconnects++
        this.cut()
      },
      ask: (event: string, payload: unknown, _within: number, tell: (answer: unknown) => void) => {
        if (!this.up) return tell(undefined)
        const answer = (said: unknown) => this.unanswered.delete(answer) && tell(said)
        this.unanswered.add(answer)
        this.asked.push({ event, payload: payload as Record<string, unknown>, answer })
      },
      silent: () => this.quiet,
    }
  }

  connect() {
    this.up = true
    this.events?.connected()
  }

  cut() {
    if (!this.up) return
    this.up = false
    this.asked = []
    for (const answer of [...this.unanswered]) answer(undefined)
    this.events?.lost()
  }

  /** Takes the oldest question, which must be of this event. */
  take(event: string): Asked {
    const asked = this.asked.shift()
    expect(asked?.event).toBe(event)
    return asked as Asked
  }

  receive(...events: Partial<Event>[]) {
    for (const event of events) this.events?.event('receiveMessage', { roomId: 1, ...event })
  }
}

export const cursor = (seq: number) => `${seq}.AAAAAA`
export const message = (seq: number) => ({ seq, cursor: cursor(seq), kind: 'message', messageText: `${seq}` })
export const head = (seq: number) => ({ seq, n: seq, cursor: cursor(seq) })
export const room = { id: 1, name: 'general', kind: 'public', members: 1, head: head(1) }
