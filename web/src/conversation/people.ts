import type { MemberPage, PeoplePage, PersonInfo, RoomInfo } from '../protocol/types'
import type { Call } from './members'

/** So many rooms are asked for their people, and so many people of each. */
const roomsAsked = 6
const peopleAsked = 200
/** Milliseconds for which it is known who is in the rooms. */
const fresh = 60_000

/** Characters that a search has to have. */
export const shortestSearch = 2

/** WordOf is what is searched for when somebody writes this: an @ before it says nothing. */
export function wordOf(written: string): string {
  return written.trim().replace(/^@/, '')
}

/**
 * People is whom this device knows: those with whom the person shares a room.
 * The server has no list of everybody; it is asked for whoever is not known.
 */
export class People {
  readonly #call: Call
  readonly #self: number
  readonly #known = new Map<number, PersonInfo>()
  readonly #names = new Map<number, string>()
  #gathering = Promise.resolve()
  #gathered = Number.NEGATIVE_INFINITY

  readonly #met: (people: readonly PersonInfo[]) => void

  /** Met is told of everybody who comes to be known. */
  constructor(self: number, call: Call, met: (people: readonly PersonInfo[]) => void = () => undefined) {
    this.#self = self
    this.#call = call
    this.#met = met
  }

  get known(): readonly PersonInfo[] {
    return [...this.#known.values()]
  }

  /** Know takes over people that were seen somewhere. */
  know(people: readonly PersonInfo[]): void {
    this.#met(people)
    for (const { id, name, handle } of people) {
      this.#names.set(id, name)
      if (id !== this.#self) this.#known.set(id, { id, name, handle })
    }
  }

  /** Heard notes how somebody is called who did something in a room. */
  heard(id: number, name: string): void {
    this.#names.set(id, name)
  }

  /** NameOf is how somebody is called, as far as this device knows; empty when it does not. */
  nameOf(id: number): string {
    return this.#names.get(id) ?? ''
  }

  /** Gather asks the rooms of the person who is in them, once a minute at most. What cannot be read is left out. */
  gather(rooms: readonly RoomInfo[]): Promise<void> {
    if (Date.now() - this.#gathered < fresh) return this.#gathering
    this.#gathered = Date.now()
    this.#gathering = this.#gather(rooms)
    return this.#gathering
  }

  async #gather(rooms: readonly RoomInfo[]): Promise<void> {
    for (const { peer } of rooms) if (peer) this.know([peer])
    const shared = rooms.filter((room) => room.role && room.kind !== 'direct')
    await Promise.all(
      shared.slice(0, roomsAsked).map(async ({ id }) => {
        const page = await this.#call<MemberPage>('GET', `/rooms/${id}/members?limit=${peopleAsked}`).catch(
          () => undefined,
        )
        if (page) this.know(page.members)
      }),
    )
  }

  /**
   * Search finds people by the beginning of their handle or of a word of their
   * name, also those with whom the person shares no room. It rejects when the
   * server does not answer, or has been asked too often.
   */
  async search(word: string): Promise<readonly PersonInfo[]> {
    const query = new URLSearchParams({ search: word })
    const { people } = await this.#call<PeoplePage>('GET', `/people?${query}`)
    for (const { id, name } of people) this.heard(id, name)
    return people
  }
}
