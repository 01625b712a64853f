import type { Keep, Outgoing } from 'parley-client'
import { SendMessage } from '../protocol/types'

/**
 * LocalKeep keeps what is on its way in the browser's storage, each under a key
 * of its own, so that tabs of the same person never overwrite each other's. Two
 * tabs that both adopt it send it with the same cid, which is one event. What
 * finds no place in the storage lives as long as the page.
 */
export class LocalKeep implements Keep {
  readonly #storage: Storage
  readonly #prefix: string

  constructor(storage: Storage, userId: number) {
    this.#storage = storage
    this.#prefix = `parley.outbox.${userId}.`
  }

  /** Load is everything that is kept for the person, in the order of its making. */
  load(): Outgoing[] {
    const kept: Outgoing[] = []
    for (let i = 0; i < this.#storage.length; i++) {
      const key = this.#storage.key(i)
      if (!key?.startsWith(this.#prefix)) continue
      const outgoing = parse(this.#storage.getItem(key))
      if (outgoing) kept.push(outgoing)
    }
    return kept.sort((a, b) => (a.cid < b.cid ? -1 : 1))
  }

  save(outgoing: Outgoing): void {
    try {
      this.#storage.setItem(this.#key(outgoing), JSON.stringify(outgoing))
    } catch {
      // Full or forbidden.
    }
  }

  drop(outgoing: Pick<Outgoing, 'roomId' | 'cid'>): void {
    this.#storage.removeItem(this.#key(outgoing))
  }

  /** CidOf is the cid of what a storage key belongs to, if it is one of ours. */
  cidOf(key: string): string | undefined {
    return key.startsWith(this.#prefix) ? key.slice(key.lastIndexOf('.') + 1) : undefined
  }

  #key({ roomId, cid }: Pick<Outgoing, 'roomId' | 'cid'>): string {
    return `${this.#prefix}${roomId}.${cid}`
  }
}

function parse(text: string | null): Outgoing | undefined {
  try {
    // Pages of an earlier version kept nothing but messages, and did not say so.
    const outgoing = { event: SendMessage, ...JSON.parse(text ?? '') } as Outgoing
    return typeof outgoing.cid === 'string' ? outgoing : undefined
  } catch {
    return undefined
  }
}
