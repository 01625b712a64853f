import type { Head, RoomInfo } from '../protocol/types'
import type { Conversation } from './conversation'
import { Renewal } from './renewal'
import { mostEvents, Shelf } from './shelf'
import type { Workspace } from './workspace'

/** Milliseconds after which what has changed is kept: many changes of a moment are one. */
const soon = 1_000
/** While something changes all the time the wait doubles up to this: a page that is killed loses nothing that the server does not have. */
const pace = 10_000

/** Keep has this device keep what the person sees in the workspace, until that is stopped. */
export function keep(workspace: Workspace, name: string): void {
  new Shelving(workspace, new Shelf(name)).start()
}

/**
 * Shelving puts on the shelf what a workspace shows: the end of each room that
 * was opened, and the list of rooms. What the person may not read any more goes
 * from it as soon as this page knows.
 */
export class Shelving {
  readonly #workspace: Workspace
  readonly #shelf: Shelf
  readonly #renewal: Renewal
  readonly #userId: number
  /** What has changed since it was kept. */
  readonly #changed = new Set<Conversation>()
  #listChanged = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #wait = soon
  #flushedAt = 0
  #stopped = false
  /** Rooms that the person was in when the list was looked at last. */
  #mine: Set<number> | undefined
  /** How much else than messages each room had then. */
  readonly #others = new Map<number, number>()

  constructor(workspace: Workspace, shelf: Shelf) {
    this.#workspace = workspace
    this.#shelf = shelf
    this.#renewal = new Renewal(workspace, shelf)
    this.#userId = workspace.user.id
  }

  start(): void {
    const { rooms, reads, preferences, session } = this.#workspace
    void this.#shelf.claim(this.#userId)
    this.#workspace.opened = (conversation) => this.#follow(conversation)
    for (const conversation of this.#workspace.conversations) this.#follow(conversation)
    const ends = [
      rooms.state.subscribe(() => this.#listed()),
      reads.state.subscribe(() => this.#noteList()),
      preferences.state.subscribe(() => this.#noteList()),
      session.state.subscribe((now, before) => {
        // All was wiped when the session had ended.
        if (now.phase === 'in' && before.phase === 'expired') this.#again()
      }),
    ]
    const leaving = () => document.visibilityState === 'hidden' && this.#leave()
    document.addEventListener('visibilitychange', leaving)
    this.#workspace.onStop(() => {
      for (const end of ends) end()
      document.removeEventListener('visibilitychange', leaving)
      clearTimeout(this.#timer)
      this.#stopped = true
    })
    this.#renewal.start()
    this.#listed()
  }

  #follow(conversation: Conversation): void {
    let { events, high } = conversation.state.getState()
    if (high > 0) this.#note(conversation)
    conversation.state.subscribe((view) => {
      if (view.phase === 'refused') return void this.#shelf.drop(this.#userId, conversation.roomId)
      if (view.events === events && view.high === high) return
      // The room has begun anew: what is kept is no part of its history.
      if (view.high < high) void this.#shelf.drop(this.#userId, conversation.roomId)
      events = view.events
      high = view.high
      this.#note(conversation)
    })
  }

  /** What the person has been taken out of goes, once the server has said in which rooms they are. */
  #listed(): void {
    this.#noteList()
    const { loaded, rooms } = this.#workspace.rooms.state.getState()
    if (!loaded) return
    this.#dropOutdated(rooms)
    const mine = new Set<number>()
    for (const { id, role } of rooms) if (role) mine.add(id)
    const all = this.#mine && [...this.#mine].every((id) => mine.has(id))
    this.#mine = mine
    if (!all) void this.#shelf.dropOthers(this.#userId, mine)
  }

  /** What may have been changed or deleted goes, of rooms that are not open: those know what has. */
  #dropOutdated(rooms: readonly RoomInfo[]): void {
    const changed = new Map<number, Head>()
    for (const { id, head } of rooms) {
      const others = head.seq - head.n
      if (this.#others.get(id) === others) continue
      this.#others.set(id, others)
      changed.set(id, head)
    }
    for (const { roomId } of this.#workspace.conversations) changed.delete(roomId)
    if (changed.size === 0) return
    void this.#shelf.dropOutdated(this.#userId, changed).then((dropped) => this.#renewal.dropped(dropped))
  }

  #again(): void {
    void this.#shelf.claim(this.#userId)
    for (const conversation of this.#workspace.conversations) this.#note(conversation)
    this.#noteList()
  }

  #note(conversation: Conversation): void {
    this.#changed.add(conversation)
    this.#flushSoon()
  }

  #noteList(): void {
    this.#listChanged = true
    this.#flushSoon()
  }

  #flushSoon(): void {
    if (!this.#stopped) this.#timer ??= setTimeout(() => this.#flush(), this.#wait)
  }

  /** The page may go: what is live was seen up to now. */
  #leave(): void {
    for (const conversation of this.#workspace.conversations)
      if (conversation.state.getState().phase === 'live') this.#changed.add(conversation)
    this.#flush()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const now = Date.now()
    this.#wait = now - this.#flushedAt > 2 * pace ? soon : Math.min(pace, 2 * this.#wait)
    this.#flushedAt = now
    for (const conversation of this.#changed) {
      const kept = conversation.state.getState().phase !== 'refused' && conversation.kept(mostEvents)
      if (kept && this.#workspace.rooms.get(conversation.roomId)?.role)
        void this.#shelf.put(this.#userId, kept)
    }
    this.#changed.clear()
    if (this.#listChanged && this.#workspace.rooms.state.getState().loaded)
      void this.#shelf.putList(this.#userId, this.#list())
    this.#listChanged = false
  }

  /** The person's rooms, what they have chosen for each, and how far they have read it: descriptions say that of the time they were made. */
  #list(): RoomInfo[] {
    const { rooms, reads, preferences } = this.#workspace
    return rooms.state
      .getState()
      .rooms.filter(({ role }) => role)
      .map((room) => {
        const settings = preferences.kept(room.id)
        const chosen = settings ? { ...room, settings } : room
        const pointer = reads.get(room.id)
        if (!pointer) return chosen
        const { mentions, ...read } = pointer
        return { ...chosen, read, mentions }
      })
  }
}
