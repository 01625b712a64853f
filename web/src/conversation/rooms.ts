import { createStore, type StoreApi } from 'zustand/vanilla'
import type { CreateRoom, Head, RoomInfo, RoomList } from '../protocol/types'
import { oncePerFrame } from './frame'

export interface RoomsView {
  /** Public rooms and those the person is in, by name. */
  rooms: readonly RoomInfo[]
  /** Whether a list has been received yet. */
  loaded: boolean
  /** The last attempt to read the list failed. */
  failed: boolean
}

/** What has been added to a room: events up to the head, and so many members more, or fewer. */
export interface Growth {
  head: Head
  members?: number
}

type Call = <Answer>(method: 'GET' | 'POST', path: string, body?: unknown) => Promise<Answer>

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Rooms is the list of rooms that the person can see. */
export class Rooms {
  readonly state: StoreApi<RoomsView> = createStore<RoomsView>(() => ({
    rooms: [],
    loaded: false,
    failed: false,
  }))
  readonly #call: Call
  readonly #growth = new Map<number, Growth>()
  readonly #show = oncePerFrame(() => this.#showGrowth())
  #reading: Promise<void> | undefined

  constructor(call: Call) {
    this.#call = call
  }

  get(id: number): RoomInfo | undefined {
    return this.state.getState().rooms.find((room) => room.id === id)
  }

  /** Refresh reads the list anew; calls at the same time share one request. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<void> {
    try {
      const { rooms } = await this.#call<RoomList>('GET', '/rooms')
      // A head that came by socket meanwhile may be newer than the answer's.
      this.#set(rooms.map((room) => withLaterHead(room, this.get(room.id))))
    } catch {
      this.state.setState({ failed: true })
    }
  }

  /** Create makes a room; the same cid again is the same room. */
  async create(request: CreateRoom): Promise<RoomInfo> {
    const room = await this.#call<RoomInfo>('POST', '/rooms', request)
    this.put(room)
    return room
  }

  /** Put adds the room, or replaces what is known of it. */
  put(room: RoomInfo): void {
    const others = this.state.getState().rooms.filter((other) => other.id !== room.id)
    this.#set([...others, withLaterHead(room, this.get(room.id))])
  }

  remove(id: number): void {
    this.#set(this.state.getState().rooms.filter((room) => room.id !== id))
  }

  /** Grow notes what has been added to a room; all notes of a moment are shown together. */
  grow(id: number, { head, members = 0 }: Growth): void {
    const noted = this.#growth.get(id)
    const later = noted?.head && noted.head.seq > head.seq ? noted.head : head
    this.#growth.set(id, { head: later, members: members + (noted?.members ?? 0) })
    this.#show.soon()
  }

  /** Shows what was noted. The order of the list stays: no name has changed. */
  #showGrowth(): void {
    const rooms = this.state.getState().rooms.map((room) => {
      const growth = this.#growth.get(room.id)
      if (!growth) return room
      const head = growth.head.seq > room.head.seq ? growth.head : room.head
      return { ...room, head, members: room.members + (growth.members ?? 0) }
    })
    this.#growth.clear()
    this.state.setState({ rooms })
  }

  #set(rooms: readonly RoomInfo[]): void {
    const sorted = [...rooms].sort((a, b) => byName.compare(a.name, b.name) || a.id - b.id)
    this.state.setState({ rooms: sorted, loaded: true, failed: false })
  }
}

function withLaterHead(room: RoomInfo, known: RoomInfo | undefined): RoomInfo {
  return known && known.head.seq > room.head.seq ? { ...room, head: known.head } : room
}
