/** Drafts keeps what a person has begun to write, per room, over switches and reloads. */
export class Drafts {
  readonly #storage: Storage
  readonly #prefix: string
  readonly #texts = new Map<number, string>()

  constructor(storage: Storage, userId: number) {
    this.#storage = storage
    this.#prefix = `parley.draft.${userId}.`
  }

  get(roomId: number): string {
    return this.#texts.get(roomId) ?? this.#storage.getItem(this.#prefix + roomId) ?? ''
  }

  set(roomId: number, text: string): void {
    this.#texts.set(roomId, text)
    try {
      if (text === '') this.#storage.removeItem(this.#prefix + roomId)
      else this.#storage.setItem(this.#prefix + roomId, text)
    } catch {
      // Full or forbidden: the draft lives as long as the page.
    }
  }
}
