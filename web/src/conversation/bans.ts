import { createStore, type StoreApi } from 'zustand/vanilla'
import type { BanPage, Changed, PersonInfo } from '../protocol/types'
import type { Call } from './members'

export interface BansView {
  people: readonly PersonInfo[]
  /** There are more than have been read. */
  more: boolean
  failed: boolean
}

const page = 200

/** Bans is who is kept out of one room, read page by page by those who may lift a ban. */
export class Bans {
  readonly state: StoreApi<BansView> = createStore<BansView>(() => ({
    people: [],
    more: false,
    failed: false,
  }))
  readonly #path: string
  readonly #call: Call
  #next: string | undefined
  /** Counts readings; an answer to an earlier one is no longer wanted. */
  #turn = 0

  constructor(roomId: number, call: Call) {
    this.#path = `/rooms/${roomId}/bans`
    this.#call = call
  }

  /** Refresh reads the list from its beginning. */
  refresh(): Promise<void> {
    return this.#read([], undefined)
  }

  /** More reads the next page. */
  async more(): Promise<void> {
    if (this.#next) await this.#read(this.state.getState().people, this.#next)
  }

  /** Happened takes an event of the room. */
  happened(kind: string): void {
    if (kind === 'ban' || kind === 'unban') void this.refresh()
  }

  /** Lift lets the person be in the room again. */
  async lift(userId: number): Promise<void> {
    await this.#call<Changed>('DELETE', `${this.#path}/${userId}`)
    await this.refresh()
  }

  close(): void {
    this.#turn++
  }

  async #read(before: readonly PersonInfo[], after: string | undefined): Promise<void> {
    const turn = ++this.#turn
    const from = after ? `&after=${encodeURIComponent(after)}` : ''
    try {
      const answer = await this.#call<BanPage>('GET', `${this.#path}?limit=${page}${from}`)
      if (turn !== this.#turn) return
      this.#next = answer.next
      const more = answer.next !== undefined
      this.state.setState({ people: [...before, ...answer.people], more, failed: false })
    } catch {
      if (turn === this.#turn) this.state.setState({ failed: true })
    }
  }
}
