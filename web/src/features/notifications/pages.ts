/** What of the browser's locks is needed; it keeps them for all pages of the origin, and lets go those of a page that ends. */
export type Locks = Pick<LockManager, 'request' | 'query'>

/**
 * Pages is the pages of this browser that one person has open. One of them tells
 * of what comes: the one that holds a lock, for as long as it is there. What each
 * looks at is a lock too, so that a page that crashes looks at nothing any more.
 * A browser without locks has every page tell; the tag of a notification lets
 * one replace the other.
 */
export class Pages {
  readonly #locks: Locks | null
  readonly #name: string
  readonly #end = new AbortController()
  #teller: boolean
  #looking: { roomId: number; away: () => void } | undefined

  /** Locks is null where the browser has none. */
  constructor(userId: number, locks: Locks | null = navigator.locks ?? null) {
    this.#locks = locks
    this.#name = `parley.notifications.${userId}`
    this.#teller = !locks
    void this.#hold(this.#name, 'exclusive', this.#end.signal, () => {
      this.#teller = true
    })
  }

  /** Teller says whether this is the page that tells. */
  get teller(): boolean {
    return this.#teller
  }

  /** Look says which room this page shows to somebody; undefined when nobody looks at it, or at none. */
  look(roomId: number | undefined): void {
    if (this.#looking?.roomId === roomId) return
    this.#looking?.away()
    this.#looking = undefined
    if (roomId === undefined) return
    const end = new AbortController()
    this.#looking = { roomId, away: () => end.abort() }
    void this.#hold(this.#nameOf(roomId), 'shared', end.signal)
  }

  /** LookedAt is which of the rooms somebody looks at, on this page or another. */
  async lookedAt(roomIds: readonly number[]): Promise<ReadonlySet<number>> {
    const { held = [] } = (await this.#locks?.query().catch(() => undefined)) ?? {}
    const names = new Set(held.map(({ name }) => name))
    return new Set(roomIds.filter((id) => id === this.#looking?.roomId || names.has(this.#nameOf(id))))
  }

  /** Close lets another page tell. */
  close(): void {
    this.look(undefined)
    this.#teller = false
    this.#end.abort()
  }

  #nameOf(roomId: number): string {
    return `${this.#name}.${roomId}`
  }

  /** Holds a lock from when it is this page's turn until the signal. */
  async #hold(name: string, mode: LockMode, signal: AbortSignal, got?: () => void): Promise<void> {
    try {
      await this.#locks?.request(name, { mode, signal }, () => {
        if (signal.aborted) return
        got?.()
        return new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
      })
    } catch {
      // The wait was ended; or the browser keeps locks from this page, which then is alone.
      if (!signal.aborted) got?.()
    }
  }
}
