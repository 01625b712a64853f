import type { TypingNotice } from '../protocol/types'

/** A notice that somebody writes holds for so many milliseconds. */
const holds = 6_000
/** One's own writing is told at most this often, in milliseconds. */
const tellEvery = 3_000

/** Writers is who writes in one room right now. */
export class Writers {
  readonly #changed: () => void
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()
  #names: ReadonlyMap<number, string> = new Map()

  constructor(changed: () => void) {
    this.#changed = changed
  }

  get names(): readonly string[] {
    return [...this.#names.values()]
  }

  /** Heard takes a notice of the server. */
  heard({ userId, userName = '', stopped }: TypingNotice): void {
    if (stopped) return this.gone(userId)
    clearTimeout(this.#timers.get(userId))
    this.#timers.set(
      userId,
      setTimeout(() => this.gone(userId), holds),
    )
    this.#set(new Map(this.#names).set(userId, userName))
  }

  /** Gone says that the person writes no more: their message is here, or they have left. */
  gone(userId: number): void {
    clearTimeout(this.#timers.get(userId))
    this.#timers.delete(userId)
    if (!this.#names.has(userId)) return
    const names = new Map(this.#names)
    names.delete(userId)
    this.#set(names)
  }

  clear(): void {
    for (const userId of [...this.#timers.keys()]) this.gone(userId)
  }

  #set(names: ReadonlyMap<number, string>): void {
    this.#names = names
    this.#changed()
  }
}

/** Writing tells the others in a room that the person writes: not at every key, and when they stop. */
export class Writing {
  readonly #tell: (stopped: boolean) => void
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(tell: (stopped: boolean) => void) {
    this.#tell = tell
  }

  /** Wrote says what stands in the composer after a change by the person. */
  wrote(text: string): void {
    if (text.trim() === '') return this.stopped()
    const now = Date.now()
    if (now - this.#toldAt < tellEvery) return
    this.#toldAt = now
    this.#tell(false)
  }

  /** Stopped says that the person has given up what they wrote. */
  stopped(): void {
    if (this.#toldAt === Number.NEGATIVE_INFINITY) return
    this.sent()
    this.#tell(true)
  }

  /** Sent says that the message is on its way; it tells by itself that the writing is over. */
  sent(): void {
    this.#toldAt = Number.NEGATIVE_INFINITY
  }
}
