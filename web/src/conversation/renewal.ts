import { GetMessages, type PageAck, type PageRequest } from '../protocol/types'
import { type Kept, outdated, pageSize } from './conversation'
import { type Held, isVisible } from './log'
import type { Shelf } from './shelf'
import type { Workspace } from './workspace'

/** Rooms that are brought up to date in one round, those that were seen last. */
const mostRenewed = 10
/** Milliseconds before a round: what the person wants comes first. */
const patience = 3_000
/** Milliseconds more, at most, before a later one: all devices may have lost the server at once. */
const crowd = 30_000
/** Milliseconds from one round to the next. */
const pace = 60_000
/** Milliseconds after which a page that is never idle does it all the same. */
const busy = 5_000

/**
 * Renewal brings up to date what the device has kept of rooms that are not open:
 * after each connect, and when something was dropped because it had changed. It
 * reads their latest pages, one after the other while the page is idle. Nobody
 * is subscribed to a room by that, and nothing is read by the person.
 */
export class Renewal {
  readonly #workspace: Workspace
  readonly #shelf: Shelf
  /** What was dropped, and is not known anew yet. */
  readonly #dropped = new Map<number, Kept>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #notBefore = 0
  #running = false
  #stopped = false

  constructor(workspace: Workspace, shelf: Shelf) {
    this.#workspace = workspace
    this.#shelf = shelf
  }

  start(): void {
    const { client } = this.#workspace
    const end = client.watch(() => this.#soon())
    this.#workspace.onStop(() => {
      end()
      clearTimeout(this.#timer)
      this.#stopped = true
    })
    this.#soon()
  }

  /** Dropped says what the device has kept no longer. */
  dropped(dropped: readonly Kept[]): void {
    for (const kept of dropped) this.#dropped.set(kept.roomId, kept)
    if (dropped.length > 0) this.#soon()
  }

  get #up(): boolean {
    return !this.#stopped && this.#workspace.client.state.phase === 'up'
  }

  #soon(): void {
    if (!this.#up || this.#running) return
    const spread = this.#notBefore > 0 ? Math.random() * crowd : 0
    const wait = Math.max(patience + spread, this.#notBefore - Date.now())
    this.#timer ??= setTimeout(() => void this.#round(), wait)
  }

  async #round(): Promise<void> {
    this.#timer = undefined
    this.#notBefore = Date.now() + pace
    this.#running = true
    for (const kept of await this.#behind()) {
      await idle()
      if (this.#up && this.#isBehind(kept)) await this.#renew(kept)
    }
    this.#running = false
    if (this.#dropped.size > 0) this.#soon()
  }

  /** What is not as the server has it, of the rooms that were seen last. */
  async #behind(): Promise<Kept[]> {
    const seen = await this.#shelf.load(this.#workspace.user.id)
    const all = [...this.#dropped.values(), ...(seen?.kept ?? [])]
    for (const kept of all) if (!this.#isBehind(kept)) this.#dropped.delete(kept.roomId)
    return all
      .filter((kept) => this.#isBehind(kept))
      .sort((a, b) => b.at - a.at)
      .slice(0, mostRenewed)
  }

  /** A room that is open keeps itself up to date. */
  #isBehind({ roomId, high }: Kept): boolean {
    const room = this.#workspace.rooms.get(roomId)
    const open = this.#workspace.conversations.some((conversation) => conversation.roomId === roomId)
    return room?.role !== undefined && !open && (this.#dropped.has(roomId) || room.head.seq > high)
  }

  async #renew(kept: Kept): Promise<void> {
    const { client, rooms, user } = this.#workspace
    const { roomId, at } = kept
    const request: PageRequest = { roomId, limit: pageSize }
    const page = await client.ask<PageAck>(GetMessages, request)
    // After a cut it is asked again.
    if (!page || !this.#isBehind(kept)) return
    this.#dropped.delete(roomId)
    const end = page.ok && endOf(page as PageAck)
    if (!end) return
    const renewed = { ...end, roomId, at, renewed: Date.now() }
    const head = rooms.get(roomId)?.head
    // It was changed once more while the page was under way.
    if (head && outdated(renewed, head)) return this.dropped([kept])
    this.#workspace.renewed(renewed)
    // What comes later and changes it drops it behind this.
    void this.#shelf.put(user.id, renewed)
  }
}

/** The end of a room, as its latest page has it; undefined where that is not all of it. */
function endOf({ events, head, asOf, moreBefore }: PageAck): (Held & { n: number }) | undefined {
  const first = events[0]?.seq
  const visible = events.filter(isVisible)
  if (first === undefined || visible.length === 0) return undefined
  if (asOf !== head.seq || events.length !== head.seq - first + 1) return undefined
  const { seq: high, n, cursor } = head
  return { floor: moreBefore ? first : 1, high, n, cursor, events: visible }
}

/** Idle resolves when the page has nothing better to do. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    // Safari has none.
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: busy })
    else setTimeout(resolve, 200)
  })
}
