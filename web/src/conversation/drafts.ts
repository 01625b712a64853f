import { createStore, type StoreApi } from 'zustand/vanilla'

/**
 * Drafts keeps what a person has begun to write, per room, over switches and
 * reloads. The state is which rooms have something.
 */
export class Drafts {
  readonly state: StoreApi<ReadonlySet<number>>
  readonly #storage: Storage
  readonly #prefix: string
  readonly #texts = new Map<number, string>()

  constructor(storage: Storage, userId: number) {
    this.#storage = storage
    this.#prefix = `parley.draft.${userId}.`
    const begun = new Set<number>()
    for (let i = 0; i < storage.length; i++) {
      const roomId = this.#roomOf(storage.key(i) ?? '')
      if (roomId !== undefined && this.get(roomId).trim() !== '') begun.add(roomId)
    }
    this.state = createStore<ReadonlySet<number>>(() => begun)
  }

  get(roomId: number): string {
    return this.#texts.get(roomId) ?? this.#storage.getItem(this.#prefix + roomId) ?? ''
  }

  set(roomId: number, text: string): void {
    this.#texts.set(roomId, text)
    this.#show(roomId, text)
    try {
      if (text === '') this.#storage.removeItem(this.#prefix + roomId)
      else this.#storage.setItem(this.#prefix + roomId, text)
    } catch {
      // Full or forbidden: the draft lives as long as the page.
    }
  }

  /** StorageChanged takes over what another tab of this device has written, or sent. */
  storageChanged(key: string, value: string | null): void {
    const roomId = this.#roomOf(key)
    if (roomId === undefined) return
    this.#texts.delete(roomId)
    this.#show(roomId, value ?? '')
  }

  #roomOf(key: string): number | undefined {
    const id = key.startsWith(this.#prefix) ? Number(key.slice(this.#prefix.length)) : Number.NaN
    return Number.isSafeInteger(id) ? id : undefined
  }

  #show(roomId: number, text: string): void {
    const begun = this.state.getState()
    const has = text.trim() !== ''
    if (begun.has(roomId) === has) return
    const others = [...begun].filter((id) => id !== roomId)
    this.state.setState(new Set(has ? [...others, roomId] : others), true)
  }
}
