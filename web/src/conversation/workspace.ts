import { Link, type LinkState } from '../connection/link'
import { watchNotice } from '../connection/notice'
import type { Session } from '../connection/session'
import type { OpenWire } from '../connection/socket'
import {
  type Event,
  LeaveRoom,
  Presence,
  type PresenceChange,
  ReadChanged,
  ReceiveMessage,
  RoomAdded,
  type RoomInfo,
  RoomRemoved,
  type RoomRemovedNotice,
  type Self,
  SettingsChanged,
  type SettingsOfRoom,
  SomebodyTypes,
  type Standing,
  type TypingNotice,
} from '../protocol/types'
import { Conversation, type Interest } from './conversation'
import { Drafts } from './drafts'
import { LocalKeep } from './keep'
import { Members } from './members'
import { People } from './people'
import { Preferences } from './preferences'
import { type Pointers, Reads } from './reads'
import { Rooms } from './rooms'

/** Rooms of the person that are listened to in the background. */
const mostListened = 100

/** Members more, or fewer, behind an event of a kind. */
const movedBy: Readonly<Record<string, number>> = { join: 1, invite: 1, leave: -1, kick: -1, ban: -1 }

/** Kinds of events behind which a room is described anew. */
const changing = new Set(['rename', 'topic', 'visibility', 'archive', 'unarchive'])

/** Called with events of a room, in seq order, as they come live. */
export type ArrivalListener = (roomId: number, event: Event) => void

/**
 * Workspace is everything of one signed-in person on this page: the link, the
 * rooms, the conversations. It routes what the server sends to the
 * conversation it belongs to and brings all of them back after a cut.
 */
export class Workspace {
  readonly #user: Self
  readonly session: Session
  readonly link: Link
  readonly notice: ReturnType<typeof watchNotice>
  readonly rooms: Rooms
  readonly reads: Reads
  readonly preferences: Preferences
  readonly drafts: Drafts
  readonly people: People
  readonly #keep: LocalKeep
  readonly #conversations = new Map<number, Conversation>()
  readonly #arrivals = new Set<ArrivalListener>()
  readonly #ends: (() => void)[] = []
  /** The room whose end somebody is looking at. */
  #watched: number | undefined

  constructor(user: Self, session: Session, openWire: OpenWire, storage: Storage) {
    this.#user = user
    this.session = session
    this.link = new Link(session, openWire)
    this.notice = watchNotice(this.link.state)
    this.rooms = new Rooms(
      (method, path, body) => session.call(method, path, body),
      (room) => {
        this.reads.met(room)
        this.preferences.met(room)
      },
    )
    this.preferences = new Preferences((method, path, body) => session.call(method, path, body))
    this.people = new People(user.id, (method, path, body) => session.call(method, path, body))
    this.people.heard(user.id, user.name)
    this.reads = new Reads((event, payload) => this.link.request(event, payload))
    this.drafts = new Drafts(storage, user.id)
    this.#keep = new LocalKeep(storage, user.id)
  }

  /** User is the person, as they are called now. */
  get user(): Self {
    const state = this.session.state.getState()
    return (state.phase === 'in' || state.phase === 'expired') && state.user.id === this.#user.id
      ? state.user
      : this.#user
  }

  /** Start connects and goes on until {@link stop}. */
  start(): void {
    this.#ends.push(
      this.link.on<Event>(ReceiveMessage, (event) => this.#find(event.roomId)?.receive(event)),
      this.link.on<PresenceChange>(Presence, (change) => this.#find(change.roomId)?.presenceChanged(change)),
      this.link.on<TypingNotice>(SomebodyTypes, (notice) => this.#find(notice.roomId)?.typing(notice)),
      this.link.on<Standing>(ReadChanged, (standing) => this.reads.take(standing)),
      this.link.on<SettingsOfRoom>(SettingsChanged, (told) => this.preferences.take(told)),
      this.link.on<RoomInfo>(RoomAdded, (room) => this.#added(room)),
      this.link.on<RoomRemovedNotice>(RoomRemoved, ({ roomId }) => this.#removed(roomId)),
      this.link.state.subscribe((now, before) => this.#linkChanged(now, before)),
      this.session.state.subscribe((now, before) => {
        if (now.phase === 'in' && before.phase === 'expired') this.link.resume()
      }),
      () => this.notice.stop(),
    )
    for (const message of this.#keep.load()) this.conversation(message.roomId, 'listen')
    this.link.start()
    void this.refresh()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
    for (const conversation of this.#conversations.values()) conversation.close()
    this.#conversations.clear()
    this.reads.close()
    this.link.stop()
  }

  /** Conversation is the room's conversation, opened with the interest when it was not open yet. */
  conversation(roomId: number, interest: Interest): Conversation {
    const open = this.#conversations.get(roomId)
    if (open) return open
    const kept = this.#keep.load().filter((message) => message.roomId === roomId)
    const conversation = new Conversation(roomId, interest, kept, {
      request: (event, payload) => this.link.request(event, payload),
      keep: this.#keep,
      userId: this.user.id,
      readUpTo: () => this.reads.get(roomId)?.seq,
      joined: (room) => this.rooms.put(room),
      arrived: (event, live) => this.#arrived(roomId, event, live),
    })
    this.#conversations.set(roomId, conversation)
    if (this.#isUp()) conversation.connect()
    return conversation
  }

  /** Members is who is in the room, to be closed when nobody looks at it any more. */
  members(roomId: number): Members {
    return new Members(roomId, (method, path, body) => this.session.call(method, path, body))
  }

  /** Leave ends a preview that nobody looks at any more, here and on the server. */
  leave(conversation: Conversation): void {
    if (conversation.state.getState().interest !== 'preview') return
    const { roomId } = conversation
    conversation.close()
    this.#conversations.delete(roomId)
    // Without an answer the subscription ends with the connection.
    this.link.request(LeaveRoom, { roomId }).catch(() => undefined)
  }

  /** Watch says that somebody looks at the room's end, so what comes is read at once; returns how to end that. */
  watch(roomId: number): () => void {
    this.#watched = roomId
    return () => {
      if (this.#watched === roomId) this.#watched = undefined
    }
  }

  /** OnArrival calls the listener with every live event; returns how to end that. */
  onArrival(listener: ArrivalListener): () => void {
    this.#arrivals.add(listener)
    return () => this.#arrivals.delete(listener)
  }

  /** Refresh reads the list of rooms and listens to those the person is in. */
  async refresh(): Promise<void> {
    await this.rooms.refresh()
    if (this.#isUp()) this.#listen()
  }

  /** StorageChanged takes over what another tab of this device has done. */
  storageChanged(key: string, value: string | null): void {
    this.drafts.storageChanged(key, value)
    const cid = this.#keep.cidOf(key)
    if (cid === undefined || value !== null) return
    for (const conversation of this.#conversations.values()) conversation.outbox.seen(cid)
  }

  #find(roomId: number): Conversation | undefined {
    return this.#conversations.get(roomId)
  }

  #isUp(): boolean {
    return this.link.state.getState().phase === 'up'
  }

  #linkChanged(now: LinkState, before: LinkState): void {
    if (now.phase === 'up' && before.phase !== 'up') {
      for (const conversation of this.#conversations.values()) conversation.connect()
      this.reads.flush()
      void this.refresh()
    } else if (now.phase !== 'up' && before.phase === 'up') {
      for (const conversation of this.#conversations.values()) conversation.disconnect()
    }
  }

  #listen(): void {
    const mine = this.rooms.state.getState().rooms.filter((room) => room.role && !room.archived)
    for (const room of mine.slice(0, mostListened)) this.conversation(room.id, 'listen')
  }

  #added(room: RoomInfo): void {
    this.rooms.put(room)
    if (room.role) this.conversation(room.id, 'listen')
    else if (this.#find(room.id)?.state.getState().interest !== 'preview') this.#close(room.id)
  }

  #removed(roomId: number): void {
    this.rooms.remove(roomId)
    this.#close(roomId)
  }

  /** Ends the conversation; whoever looks at the room opens another one. */
  #close(roomId: number): void {
    this.#conversations.get(roomId)?.close()
    this.#conversations.delete(roomId)
  }

  #changesRoom({ kind, targetUser }: Event): boolean {
    return changing.has(kind) || (kind === 'role' && targetUser === this.user.id)
  }

  #arrived(roomId: number, event: Event, live: boolean): void {
    const { seq = 0, cursor = '' } = event
    // A void has no n, and changes nothing that the list shows.
    if (event.n === undefined) return
    const { n } = event
    const moved = movedBy[event.kind] ?? 0
    // Read first and grown second: what is watched is at no moment unread.
    const own = event.kind === 'message' && event.userId === this.user.id
    if (own) this.reads.wrote(roomId, { seq, n })
    else if (live && roomId === this.#watched) this.reads.mark(roomId, { seq, n })
    else if (live && event.mentions?.includes(this.user.id)) this.reads.mentioned(roomId)
    this.rooms.grow(roomId, { head: { seq, n, cursor }, members: live ? moved : 0 })
    if (event.userId && event.userName) this.people.heard(event.userId, event.userName)
    if (live && this.#changesRoom(event)) this.rooms.read(roomId).catch(() => undefined)
    if (live) for (const listener of this.#arrivals) listener(roomId, event)
  }
}

/** Unread is how many messages of the room came behind the pointer; 0 when that is not known. */
export function unread(room: RoomInfo, pointers: Pointers): number {
  const read = pointers[room.id]
  return room.role && read ? Math.max(0, room.head.n - read.n) : 0
}
