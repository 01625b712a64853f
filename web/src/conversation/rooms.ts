import { createStore, type StoreApi } from 'zustand/vanilla'
import type { CreateRoom, RoomInfo, RoomList } from '../protocol/types'

export interface RoomsView {
  /** Public rooms and those the person is in, by name. */
  rooms: readonly RoomInfo[]
  /** Whether a list has been received yet. */
  loaded: boolean
  /** The last attempt to read the list failed. */
  failed: boolean
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

  /** Advance notes that the room has grown to the event with this seq, being message n or behind it. */
  advance(id: number, seq: number, n: number, cursor: string): void {
    const room = this.get(id)
    if (room && seq > room.head.seq) this.#replace({ ...room, head: { seq, n, cursor } })
  }

  /** MembersChanged notes that so many people more, or fewer, are in the room. */
  membersChanged(id: number, by: number): void {
    const room = this.get(id)
    if (room) this.#replace({ ...room, members: room.members + by })
  }

  /** Replaces the room where it stands; its name has not changed. */
  #replace(room: RoomInfo): void {
    const rooms = this.state.getState().rooms
    this.state.setState({ rooms: rooms.map((other) => (other.id === room.id ? room : other)) })
  }

  #set(rooms: readonly RoomInfo[]): void {
    const sorted = [...rooms].sort((a, b) => byName.compare(a.name, b.name) || a.id - b.id)
    this.state.setState({ rooms: sorted, loaded: true, failed: false })
  }
}

function withLaterHead(room: RoomInfo, known: RoomInfo | undefined): RoomInfo {
  return known && known.head.seq > room.head.seq ? { ...room, head: known.head } : room
}
