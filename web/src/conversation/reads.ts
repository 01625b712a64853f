import { createStore, type StoreApi } from 'zustand/vanilla'

/** How far a person has read a room: the event's seq, and how many messages there were up to it. */
export interface Pointer {
  seq: number
  n: number
}

export type Pointers = Readonly<Record<number, Pointer>>

/** Pointers move with every message that is read; they are written this often, in milliseconds. */
const saveAfter = 500

/** Reads remembers, on this device, how far the person has read each room. Pointers only move forward. */
export class Reads {
  readonly state: StoreApi<Pointers>
  readonly #storage: Storage
  readonly #key: string
  #saved: Pointers
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(storage: Storage, userId: number) {
    this.#storage = storage
    this.#key = `parley.reads.${userId}`
    this.#saved = parse(storage.getItem(this.#key))
    this.state = createStore<Pointers>(() => this.#saved)
  }

  get(roomId: number): Pointer | undefined {
    return this.state.getState()[roomId]
  }

  /** Mark moves the room's pointer forward; a pointer behind the present one changes nothing. */
  mark(roomId: number, pointer: Pointer): void {
    const old = this.get(roomId)
    if (old && old.seq >= pointer.seq) return
    this.#set({ ...this.state.getState(), [roomId]: pointer })
  }

  /** Forget drops the room's pointer: its numbers are no longer what they were. */
  forget(roomId: number): void {
    const { [roomId]: _, ...rest } = this.state.getState()
    this.#set(rest)
  }

  /** Reload takes over what another tab of this device has stored. */
  reload(): void {
    for (const [roomId, pointer] of Object.entries(parse(this.#storage.getItem(this.#key)))) {
      const old = this.get(Number(roomId))
      if (!old || old.seq < pointer.seq)
        this.state.setState({ ...this.state.getState(), [roomId]: pointer }, true)
    }
  }

  /** Owns reports whether a storage key is this one's. */
  owns(key: string): boolean {
    return key === this.#key
  }

  /** Save writes what has changed since the last time; also called when the page goes away. */
  save(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const pointers = this.state.getState()
    if (pointers === this.#saved) return
    this.#saved = pointers
    try {
      this.#storage.setItem(this.#key, JSON.stringify(pointers))
    } catch {
      // Full or forbidden: unread marks then live as long as the page.
    }
  }

  #set(pointers: Pointers): void {
    this.state.setState(pointers, true)
    this.#timer ??= setTimeout(() => this.save(), saveAfter)
  }
}

function parse(text: string | null): Pointers {
  try {
    return (JSON.parse(text ?? '{}') ?? {}) as Pointers
  } catch {
    return {}
  }
}
