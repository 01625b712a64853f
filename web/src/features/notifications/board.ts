import { locale } from '../../text/text'
import { standing, takeAway } from './standing'
import type { Words } from './words'

/** Notice is one thing to tell; a later one with the same tag takes its place. */
export interface Notice extends Words {
  tag: string
  /** The rooms it speaks of, and how far each had come. */
  rooms: ReadonlyMap<number, number>
  /** How many messages it speaks of. */
  count: number
  /** Seq of the message, when it is a single one. */
  seq?: number | undefined
  /** Where a click leads. */
  address?: string | undefined
}

/** TypeScript's own has no renotify, which not every browser has. */
type Options = NotificationOptions & { renotify?: boolean }

/** A notice replaces another without a sound and without sliding in anew, so many milliseconds long. */
const calm = 3_000

/** What phones show beside it: they have no window by which one would know whose it is. */
const icon = '/icons/192.png'

interface Shown extends Notice {
  close(): void
  /** The service worker shows it: it stays when the page goes, and other pages may take it away. */
  stays?: boolean
}

/** What a notification remembers for the worker that it is pressed in, and for the page that looks at it later. */
type Remembered = Pick<Notice, 'address' | 'rooms' | 'count' | 'seq'>

/**
 * Board is what the browser shows at the moment. A page shows its notifications
 * itself, and takes them along when it goes. Phones show what a service worker
 * tells, and nothing else: that stays, and is everybody's, see {@link Board.renew}.
 */
export class Board {
  readonly #open: (address: string | undefined) => void
  readonly #shown = new Map<string, Shown>()
  #alerted = Number.NEGATIVE_INFINITY

  /** Open is called with where a click leads, when the window is in front. */
  constructor(open: (address: string | undefined) => void) {
    this.#open = open
  }

  /** Count is how many messages the notice with this tag speaks of. */
  count(tag: string): number {
    return this.#shown.get(tag)?.count ?? 0
  }

  /** ToldUpTo is how far a room had come when it was last told of, in what stands; 0 where nothing does. */
  toldUpTo(roomId: number): number {
    return Math.max(0, ...[...this.#shown.values()].map(({ rooms }) => rooms.get(roomId) ?? 0))
  }

  /** Renew learns what stands of what the worker shows, also for other pages and for those that are gone. */
  async renew(): Promise<void> {
    const all = await standing()
    for (const shown of [...this.#shown.values()])
      if (shown.stays && !all.some(({ tag }) => tag === shown.tag)) this.#gone(shown)
    for (const { title, body, tag, data } of all) {
      const remembered: Remembered = data
      const close = () => void takeAway(tag, remembered.rooms)
      this.#shown.set(tag, { title, body, tag, ...remembered, stays: true, close })
    }
  }

  /** Show tells, and reports whether it should be heard, too. */
  show(notice: Notice): boolean {
    const alert = performance.now() - this.#alerted > calm
    const before = this.#shown.has(notice.tag)
    const { title, body, tag, address, rooms, count, seq } = notice
    const data: Remembered = { address, rooms, count, seq }
    // The sound is ours. What replaces nothing slides in by itself.
    const options: Options = { body, tag, silent: true, lang: locale(), dir: 'auto', data }
    if (before && alert) options.renotify = true
    const shown: Shown = { ...notice, close: () => undefined }
    this.#shown.set(tag, shown)
    try {
      const notification = new Notification(title, options)
      shown.close = () => notification.close()
      notification.onclick = (event) => {
        event.preventDefault()
        window.focus()
        shown.close()
        this.#open(address)
      }
      notification.onclose = () => this.#gone(shown)
      notification.onerror = () => this.#gone(shown)
    } catch {
      void this.#byWorker(title, options, shown)
    }
    if (alert) this.#alerted = performance.now()
    return alert
  }

  /** Settle takes away what needs no telling any more: every room of it is done up to where it had come. */
  settle(done: (roomId: number, n: number) => boolean): void {
    for (const shown of [...this.#shown.values()])
      if ([...shown.rooms].every(([roomId, n]) => done(roomId, n))) this.#close(shown)
  }

  /** Retract takes away what speaks of a message that is deleted. */
  retract(roomId: number, seq: number): void {
    for (const shown of [...this.#shown.values()])
      if (shown.seq === seq && shown.rooms.has(roomId)) this.#close(shown)
  }

  /** Clear takes everything away. */
  clear(): void {
    for (const shown of [...this.#shown.values()]) this.#close(shown)
    void takeAway()
  }

  /** Leave takes away what is of no use without this page: a click would lead nowhere. */
  leave(): void {
    for (const shown of [...this.#shown.values()]) if (!shown.stays) this.#close(shown)
  }

  #close(shown: Shown): void {
    this.#gone(shown)
    shown.close()
  }

  #gone(shown: Shown): void {
    if (this.#shown.get(shown.tag) === shown) this.#shown.delete(shown.tag)
  }

  async #byWorker(title: string, options: Options, shown: Shown): Promise<void> {
    const { tag, rooms } = shown
    const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined)
    if (!worker || this.#shown.get(tag) !== shown) return this.#gone(shown)
    try {
      await worker.showNotification(title, { ...options, icon })
    } catch {
      return this.#gone(shown)
    }
    shown.stays = true
    shown.close = () => void takeAway(tag, rooms)
    // Taken away before it stood.
    if (!this.#shown.has(tag)) shown.close()
  }
}
