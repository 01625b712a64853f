import { newCid } from 'parley-client'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type {
  ChangeRoom,
  CreateRoom,
  Head,
  LinkedRoom,
  LinkToken,
  OpenDirectRequest,
  RoomInfo,
  RoomList,
  RoomPage,
} from '../protocol/types'
import { oncePerFrame } from './frame'
import type { Call } from './members'

export interface RoomsView {
  /** Public rooms and those the person is in, by name. */
  rooms: readonly RoomInfo[]
  /** Whether the whole list has been received yet: a room that is not in it is not there. */
  loaded: boolean
  /** The last attempt to read the list failed. */
  failed: boolean
}

/** What has been added to a room: events up to the head, and so many members more, or fewer. */
export interface Growth {
  head: Head
  members?: number
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Rooms is the list of rooms that the person can see. */
export class Rooms {
  readonly state: StoreApi<RoomsView> = createStore<RoomsView>(() => ({
    rooms: [],
    loaded: false,
    failed: false,
  }))
  /** The list as it was when something else of a room changed last than how far it has come and how many people are in it. */
  readonly still: StoreApi<readonly RoomInfo[]> = createStore<readonly RoomInfo[]>(() => [])
  /** The list after what was noted last. */
  #grown: readonly RoomInfo[] = []
  readonly #call: Call
  readonly #met: (room: RoomInfo) => void
  readonly #growth = new Map<number, Growth>()
  readonly #show = oncePerFrame(() => this.#showGrowth())
  /** The list that is being read, and the one that is read after it. */
  #reading: Promise<void> | undefined
  #next: Promise<void> | undefined
  /** What is known of a room from an earlier page only: the server may have been set back since. */
  readonly #old = new WeakSet<RoomInfo>()
  /** Rooms that came, or went, since the list was asked for: the answer may be from before. */
  readonly #meanwhile = new Map<number, 'came' | 'went'>()

  /** Met is told of every description of a room before anybody sees it. */
  constructor(call: Call, met: (room: RoomInfo) => void = () => undefined) {
    this.#call = call
    this.#met = met
    this.state.subscribe(({ rooms }, before) => {
      if (rooms !== before.rooms && rooms !== this.#grown) this.still.setState(rooms, true)
    })
  }

  /** Restore shows what was seen of the list when the page was open last, until the server has said how it is. */
  restore(rooms: readonly RoomInfo[]): void {
    for (const room of rooms) {
      this.#old.add(room)
      this.#met(room)
    }
    this.state.setState({ rooms: inOrder(rooms) })
  }

  get(id: number): RoomInfo | undefined {
    return this.state.getState().rooms.find((room) => room.id === id)
  }

  /** Refresh reads the list as it is now, or later; calls that wait for the same answer share one request. */
  refresh(): Promise<void> {
    if (!this.#reading) {
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined
      })
      return this.#reading
    }
    this.#next ??= this.#reading.then(() => {
      this.#next = undefined
      return this.refresh()
    })
    return this.#next
  }

  async #read(): Promise<void> {
    this.#meanwhile.clear()
    try {
      const { rooms } = await this.#call<RoomList>('GET', '/rooms')
      for (const room of rooms) this.#met(room)
      const listed = new Set(rooms.map((room) => room.id))
      const missed = this.state
        .getState()
        .rooms.filter((room) => this.#meanwhile.get(room.id) === 'came' && !listed.has(room.id))
      const here = rooms.filter((room) => this.#meanwhile.get(room.id) !== 'went')
      // A head that came by socket meanwhile may be newer than the answer's.
      const now = [...here.map((room) => this.#withLaterHead(room)), ...missed]
      this.state.setState({ rooms: this.#inOrder(now), loaded: true, failed: false })
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

  /** OpenDirect finds or makes the one room with another person. */
  async openDirect(userId: number): Promise<RoomInfo> {
    const body: OpenDirectRequest = { userId }
    const room = await this.#call<RoomInfo>('POST', '/directs', body)
    this.put(room)
    return room
  }

  /** Change changes one thing about the room, and shows what became of it. */
  async change(id: number, change: Omit<ChangeRoom, 'cid' | 'retry'>): Promise<void> {
    await this.#call('PATCH', `/rooms/${id}`, { ...change, cid: newCid() } satisfies ChangeRoom)
    await this.read(id)
  }

  /** Leave stops being a member of the room. */
  async leave(id: number): Promise<void> {
    await this.#call('POST', `/rooms/${id}/leave`, {})
    await this.refresh()
  }

  /** Read reads the room anew. */
  async read(id: number): Promise<void> {
    this.put(await this.#call<RoomInfo>('GET', `/rooms/${id}`))
  }

  /** Browse is a page of the public rooms whose name contains the text. */
  browse(text: string, after?: string): Promise<RoomPage> {
    const query = new URLSearchParams({ text, limit: '50', ...(after && { after }) })
    return this.#call('GET', `/public-rooms?${query}`)
  }

  /** LookAtLink says where a link leads. */
  lookAtLink(token: string): Promise<LinkedRoom> {
    return this.#call('POST', '/links/look', { token } satisfies LinkToken)
  }

  /** FollowLink becomes a member of the room that a link leads to, and says which one that is. */
  async followLink(token: string): Promise<number> {
    const room = await this.#call<RoomInfo>('POST', '/links/join', { token } satisfies LinkToken)
    this.put(room)
    return room.id
  }

  /** Put adds the room, or replaces what is known of it. */
  put(room: RoomInfo): void {
    this.#met(room)
    this.#meanwhile.set(room.id, 'came')
    const others = this.state.getState().rooms.filter((other) => other.id !== room.id)
    this.#set([...others, this.#withLaterHead(room)])
  }

  /** PutAll adds the rooms, or replaces what is known of them, when there may be others still. */
  putAll(rooms: readonly RoomInfo[]): void {
    for (const room of rooms) this.#met(room)
    for (const { id } of rooms) this.#meanwhile.set(id, 'came')
    const put = new Set(rooms.map(({ id }) => id))
    const others = this.state.getState().rooms.filter(({ id }) => !put.has(id))
    this.#set([...others, ...rooms.map((room) => this.#withLaterHead(room))])
  }

  remove(id: number): void {
    this.#meanwhile.set(id, 'went')
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
    this.#grown = rooms
    this.state.setState({ rooms })
  }

  /** The room with the later head; the same object as before when nothing is new, so that nobody shows it anew. */
  #withLaterHead(room: RoomInfo): RoomInfo {
    const known = this.get(room.id)
    if (!known || this.#old.has(known)) return room
    const now = known.head.seq > room.head.seq ? { ...room, head: known.head } : room
    return JSON.stringify(now) === JSON.stringify(known) ? known : now
  }

  #set(rooms: readonly RoomInfo[]): void {
    this.state.setState({ rooms: this.#inOrder(rooms) })
  }

  /** The rooms by name; the same list as before when it is made of the same. */
  #inOrder(rooms: readonly RoomInfo[]): readonly RoomInfo[] {
    const before = this.state.getState().rooms
    const now = inOrder(rooms)
    return now.length === before.length && now.every((room, at) => room === before[at]) ? before : now
  }
}

function inOrder(rooms: readonly RoomInfo[]): readonly RoomInfo[] {
  return [...rooms].sort((a, b) => byName.compare(titleOf(a), titleOf(b)) || a.id - b.id)
}

/** TitleOf is what a room is called: a direct room by the other person's name. */
export function titleOf(room: RoomInfo): string {
  return room.kind === 'direct' ? (room.peer?.name ?? '') : room.name
}
