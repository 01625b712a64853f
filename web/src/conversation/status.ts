import { createStore, type StoreApi } from 'zustand/vanilla'
import type { OnlinePerson, OwnStatus, StatusRequest } from '../protocol/types'
import type { Call } from './members'

/** What people can choose to be shown as while they are online. */
export const choices = ['online', 'away', 'dnd'] as const

/** How a person is shown. */
export type Status = (typeof choices)[number] | 'offline'

/** StatusIn reads the server's word; one that is not known yet means at least that somebody is here. */
export function statusIn(word: string): Status {
  return word === 'away' || word === 'dnd' || word === 'offline' ? word : 'online'
}

/** StatusOf is how a member of a room is shown; undefined while nobody knows who of them is online. */
export function statusOf(online: readonly OnlinePerson[] | undefined, id: number): Status | undefined {
  if (!online) return undefined
  const person = online.find((person) => person.id === id)
  return person ? statusIn(person.status) : 'offline'
}

export interface ChosenStatus extends Pick<OwnStatus, 'status' | 'hideLastSeen'> {
  /** The server has said it, or the person. */
  known: boolean
}

/**
 * Chosen is how the person wants to be shown to others: the same on all of
 * their devices, because the server keeps it. What is chosen here shows at once,
 * and goes back when the server refuses it.
 */
export class Chosen {
  readonly state: StoreApi<ChosenStatus>
  readonly #call: Call
  #kept: OwnStatus | undefined
  /** Choices that the server has not answered yet, in their order. */
  #underWay: readonly StatusRequest[] = []

  constructor(call: Call) {
    this.#call = call
    this.state = createStore<ChosenStatus>(() => this.#view())
  }

  /** Take takes over what the server keeps, unless something later is known here. */
  take(kept: OwnStatus): void {
    if (this.#kept && this.#kept.rev >= kept.rev) return
    this.#kept = kept
    this.#show()
  }

  /** Choose changes something; it rejects when the server does not do it. */
  async choose(change: StatusRequest): Promise<void> {
    this.#underWay = [...this.#underWay, change]
    this.#show()
    try {
      this.take(await this.#call<OwnStatus>('PATCH', '/me/status', change))
    } finally {
      this.#underWay = this.#underWay.filter((other) => other !== change)
      this.#show()
    }
  }

  #show(): void {
    this.state.setState(this.#view(), true)
  }

  #view(): ChosenStatus {
    const { status = 'online', hideLastSeen = false } = Object.assign({}, this.#kept, ...this.#underWay)
    return { status, hideLastSeen, known: this.#kept !== undefined || this.#underWay.length > 0 }
  }
}
