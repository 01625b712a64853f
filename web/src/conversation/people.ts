import type { MemberPage, PersonInfo, RoomInfo, User } from '../protocol/types'
import type { Call } from './members'

/** So many rooms are asked for their people, and so many people of each. */
const roomsAsked = 6
const peopleAsked = 200

/**
 * People is whom this device knows: those with whom the person shares a room.
 * The server has no list of everybody; whoever is not known is found by handle.
 */
export class People {
  readonly #call: Call
  readonly #self: number
  readonly #known = new Map<number, PersonInfo>()
  readonly #names = new Map<number, string>()

  constructor(self: number, call: Call) {
    this.#self = self
    this.#call = call
  }

  get known(): readonly PersonInfo[] {
    return [...this.#known.values()]
  }

  /** Know takes over people that were seen somewhere. */
  know(people: readonly PersonInfo[]): void {
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

  /** Gather asks the rooms of the person who is in them. What cannot be read is left out. */
  async gather(rooms: readonly RoomInfo[]): Promise<void> {
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

  /** ByHandle finds a person by the exact handle, with or without the @. */
  async byHandle(handle: string): Promise<PersonInfo | undefined> {
    const wanted = handle.trim().replace(/^@/, '').toLowerCase()
    if (!/^[a-z0-9._-]{2,32}$/.test(wanted)) return undefined
    const user = await this.#call<User>('GET', `/handles/${encodeURIComponent(wanted)}`)
    if (user.deleted || user.id === this.#self) return undefined
    const person = { id: user.id, name: user.name, handle: user.handle ?? wanted }
    this.know([person])
    return person
  }
}
