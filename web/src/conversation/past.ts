import type { Event, PageAck } from '../protocol/types'
import { amended, isVisible } from './log'

/**
 * Past is an unbroken span of a room's history away from what is held of its
 * end, read page by page around a place that somebody wanted to see. Reading
 * on downwards it meets the log, which then takes it over.
 */
export class Past {
  #events: readonly Event[]
  #floor: number
  #high: number
  #hasOlder: boolean

  private constructor(page: PageAck) {
    this.#events = page.events.filter(isVisible)
    this.#hasOlder = page.moreBefore
    this.#floor = page.moreBefore ? (page.events[0]?.seq ?? 1) : 1
    this.#high = page.events.at(-1)?.seq ?? 0
  }

  /** From is the span that a page holds; undefined when the page is empty. */
  static from(page: PageAck): Past | undefined {
    return page.events.length > 0 ? new Past(page) : undefined
  }

  get events(): readonly Event[] {
    return this.#events
  }

  get floor(): number {
    return this.#floor
  }

  get high(): number {
    return this.#high
  }

  get hasOlder(): boolean {
    return this.#hasOlder
  }

  holds(seq: number): boolean {
    return seq >= this.#floor && seq <= this.#high
  }

  /** Prepend takes the page before the span; false when it does not reach up to it. */
  prepend(page: PageAck): boolean {
    const older = page.events.filter(({ seq = 0 }) => seq < this.#floor)
    if (older.length === 0 ? page.moreBefore : older.at(-1)?.seq !== this.#floor - 1) return false
    this.#events = [...older.filter(isVisible), ...this.#events]
    this.#floor = page.moreBefore ? (older[0]?.seq ?? this.#floor) : 1
    this.#hasOlder = page.moreBefore
    return true
  }

  /** Append takes the page behind the span; false when it does not begin right there. */
  append(page: PageAck): boolean {
    const newer = page.events.filter(({ seq = 0 }) => seq > this.#high)
    if (newer[0]?.seq !== this.#high + 1) return false
    this.#events = [...this.#events, ...newer.filter(isVisible)]
    this.#high = newer.at(-1)?.seq ?? this.#high
    return true
  }

  /** Amend takes over what a change made of a message of the span. */
  amend(change: Event): void {
    const at = this.#events.findIndex(({ seq }) => seq === change.targetSeq)
    const message = this.#events[at]
    if (message) this.#events = this.#events.with(at, amended(message, change))
  }
}
