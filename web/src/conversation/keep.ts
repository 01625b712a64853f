import type { Outgoing } from './outgoing'

/**
 * Keep is where messages on their way survive a reload or a crash. Save
 * returns when the message is kept; one that could not be kept (storage full
 * or forbidden) is still sent, but would not survive.
 */
export interface Keep {
  /** Every message kept for the person, in the order of their making. */
  load(): Outgoing[]
  save(message: Outgoing): void
  drop(message: Pick<Outgoing, 'roomId' | 'cid'>): void
}

/**
 * LocalKeep keeps messages in the browser's storage, each under a key of its
 * own, so that tabs of the same person never overwrite each other's. Two tabs
 * that both adopt a message send it with the same cid, which is one message.
 */
export class LocalKeep implements Keep {
  readonly #storage: Storage
  readonly #prefix: string

  constructor(storage: Storage, userId: number) {
    this.#storage = storage
    this.#prefix = `parley.outbox.${userId}.`
  }

  load(): Outgoing[] {
    const messages: Outgoing[] = []
    for (let i = 0; i < this.#storage.length; i++) {
      const key = this.#storage.key(i)
      if (!key?.startsWith(this.#prefix)) continue
      const message = parse(this.#storage.getItem(key))
      if (message) messages.push(message)
    }
    return messages.sort((a, b) => (a.cid < b.cid ? -1 : 1))
  }

  save(message: Outgoing): void {
    try {
      this.#storage.setItem(this.#key(message), JSON.stringify(message))
    } catch {
      // Full or forbidden: the message lives as long as the page.
    }
  }

  drop(message: Pick<Outgoing, 'roomId' | 'cid'>): void {
    this.#storage.removeItem(this.#key(message))
  }

  /** CidOf is the cid of the message that a storage key belongs to, if it is one of ours. */
  cidOf(key: string): string | undefined {
    return key.startsWith(this.#prefix) ? key.slice(key.lastIndexOf('.') + 1) : undefined
  }

  #key({ roomId, cid }: Pick<Outgoing, 'roomId' | 'cid'>): string {
    return `${this.#prefix}${roomId}.${cid}`
  }
}

function parse(text: string | null): Outgoing | undefined {
  try {
    const message = JSON.parse(text ?? '') as Outgoing
    return typeof message.cid === 'string' && typeof message.text === 'string' ? message : undefined
  } catch {
    return undefined
  }
}
