/**
 * Backoff is how long to wait before the next attempt, in milliseconds: a random
 * time between half and all of a span that doubles up to a bound, so that many
 * clients that lost the same server do not come back at the same moment.
 */
export class Backoff {
  readonly #first: number
  readonly #most: number
  #failed = 0

  constructor(first: number, most: number) {
    this.#first = first
    this.#most = most
  }

  /** Next counts one more failure; atLeast is what the server asked for, in seconds. */
  next(atLeast = 0): number {
    const span = Math.min(this.#most, this.#first * 2 ** Math.min(this.#failed++, 16))
    return Math.max(atLeast * 1000, span / 2 + (Math.random() * span) / 2)
  }

  reset(): void {
    this.#failed = 0
  }
}
