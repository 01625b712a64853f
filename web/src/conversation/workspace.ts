import { Client, type ClientOptions, type ClientState } from 'parley-client'
import type { StoreApi } from 'zustand/vanilla'
import { isCut, watchNotice } from '../connection/notice'
import type { Session } from '../connection/session'
import { tokensOf } from '../connection/tokens'
import {
  DraftChanged,
  type DraftOfRoom,
  type Event,
  type OwnStatus,
  type PersonInfo,
  Presence,
  type PresenceChange,
  ReadChanged,
  ReceiveMessage,
  RoomAdded,
  RoomChange,
  type RoomChanged,
  type RoomInfo,
  RoomRemoved,
  type RoomRemovedNotice,
  type Self,
  SendMessage,
  SetStatus,
  SettingsChanged,
  type SettingsOfRoom,
  SomebodyTypes,
  type Standing,
  type StatusAck,
  StatusChanged,
  type SyncAck,
  type TypingNotice,
  type User,
} from '../protocol/types'
import { Conversation, type Interest, type Kept, outdated } from './conversation'
import { type Counts, countsOf } from './counts'
import { Drafts } from './drafts'
import { LocalKeep } from './keep'
import { Members } from './members'
import { Names } from './names'
import { People } from './people'
import { lookUpWith, showPictures } from './pictures'
import { Preferences } from './preferences'
import { Reads } from './reads'
import { Rooms } from './rooms'
import { Chosen } from './status'

/** Members more, or fewer, behind an event of a kind. */
const movedBy: Readonly<Record<string, number>> = { join: 1, invite: 1, leave: -1, kick: -1, ban: -1 }

/** Kinds of events behind which a room is described anew. */
const changing = new Set(['rename', 'topic', 'visibility', 'archive', 'unarchive'])

/** Where the server is, and how to reach it. */
export type Server = Pick<ClientOptions, 'url' | 'wire'>

/** What a device has kept of what its person saw. */
export interface LastSeen {
  rooms: readonly RoomInfo[]
  kept: readonly Kept[]
}

/** Called with events of a room, in seq order, as they come; live tells them from what was missed. */
export type ArrivalListener = (roomId: number, event: Event, live: boolean) => void

/**
 * Workspace is everything of one signed-in person on this page: the connection,
 * the rooms, the conversations. A room is joined when somebody has looked at it;
 * what happens in the others the server tells in short.
 */
export class Workspace {
  readonly #user: Self
  readonly session: Session
  readonly client: Client
  readonly notice: ReturnType<typeof watchNotice>
  readonly rooms: Rooms
  readonly reads: Reads
  readonly preferences: Preferences
  /** What waits for the person. */
  readonly counts: StoreApi<Counts>
  readonly ownStatus: Chosen
  readonly drafts: Drafts
  readonly people: People
  readonly names = new Names()
  readonly #keep: LocalKeep
  readonly #conversations = new Map<number, Conversation>()
  readonly #arrivals = new Set<ArrivalListener>()
  /** What was seen of rooms that nobody has opened since. */
  readonly #kept: Map<number, Kept>
  /** Told of every conversation that is opened. */
  opened: (conversation: Conversation) => void = () => undefined
  readonly #ends: (() => void)[] = []
  /** The room whose end somebody is looking at. */
  #watched: number | undefined

  constructor(user: Self, session: Session, server: Server, storage: Storage, lastSeen?: LastSeen) {
    this.#user = user
    this.#kept = new Map(lastSeen?.kept.map((kept) => [kept.roomId, kept]))
    this.session = session
    this.client = new Client({
      ...server,
      token: tokensOf(session),
      resumable: true,
      synced: (page) => this.#synced(page),
    })
    this.notice = watchNotice(this.client)
    this.rooms = new Rooms(
      (method, path, body) => session.call(method, path, body),
      (room) => {
        this.reads.met(room)
        this.preferences.met(room)
        this.drafts.met(room)
        if (room.peer) this.#met([room.peer])
      },
    )
    this.preferences = new Preferences((method, path, body) => session.call(method, path, body))
    this.ownStatus = new Chosen((method, path, body) => session.call(method, path, body))
    this.people = new People(
      user.id,
      (method, path, body) => session.call(method, path, body),
      (people) => this.names.met(people),
    )
    this.#met([user])
    this.people.heard(user.id, user.name)
    lookUpWith(async (id) => {
      const user = await session.call<User>('GET', `/users/${id}`)
      // Whoever wrote here may be named here.
      if (user.handle) this.people.know([user as PersonInfo])
      return user
    })
    this.reads = new Reads((event, payload) => this.client.ask(event, payload))
    this.counts = countsOf({
      rooms: this.rooms.state,
      reads: this.reads.state,
      preferences: this.preferences.state,
    })
    this.drafts = new Drafts(storage, {
      ask: (event, payload) => this.client.ask(event, payload),
      call: (method, path, body) => session.call(method, path, body),
      userId: user.id,
    })
    this.rooms.restore(lastSeen?.rooms ?? [])
    this.#keep = new LocalKeep(storage, user.id)
    for (const kept of this.#keep.load())
      if (kept.event === SendMessage) this.drafts.sends(kept.roomId, kept.text, kept.at)
  }

  /** User is the person, as they are called now. */
  get user(): Self {
    const state = this.session.state.getState()
    return (state.phase === 'in' || state.phase === 'expired') && state.user.id === this.#user.id
      ? state.user
      : this.#user
  }

  /** Start goes on until {@link stop}. */
  start(): void {
    const { client } = this
    this.#ends.push(
      client.on<Event>(ReceiveMessage, (event) => this.#arrived(event.roomId, event, true)),
      client.on<RoomChanged>(RoomChange, (change) => this.#roomChanged(change)),
      client.on<PresenceChange>(Presence, (change) => this.#find(change.roomId)?.presenceChanged(change)),
      client.on<TypingNotice>(SomebodyTypes, (notice) => this.#find(notice.roomId)?.typing(notice)),
      client.on<Standing>(ReadChanged, (standing) => this.reads.take(standing)),
      client.on<SettingsOfRoom>(SettingsChanged, (told) => this.preferences.take(told)),
      client.on<DraftOfRoom>(DraftChanged, (told) => this.drafts.take(told)),
      client.on<OwnStatus>(StatusChanged, (own) => this.ownStatus.take(own)),
      client.on<RoomInfo>(RoomAdded, (room) => this.#added(room)),
      client.on<RoomRemovedNotice>(RoomRemoved, ({ roomId }) => this.#removed(roomId)),
      client.watch((state) => this.#connectionChanged(state)),
      this.session.state.subscribe((now, before) => {
        if (now.phase === 'in') showPictures([now.user])
        if (now.phase === 'in' && before.phase === 'expired') client.resume()
        this.people.know([this.user])
      }),
      this.rooms.state.subscribe(({ rooms }, before) => this.names.listed(rooms, before.rooms)),
      this.notice.state.subscribe((notice) => {
        if (isCut(notice))
          for (const conversation of this.#conversations.values()) conversation.presenceUnknown()
      }),
      () => this.notice.stop(),
    )
    this.names.listed(this.rooms.state.getState().rooms, [])
    for (const { roomId } of this.#keep.load()) this.conversation(roomId, 'read')
    void this.rooms.refresh()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
    for (const conversation of this.#conversations.values()) conversation.close()
    this.#conversations.clear()
    this.reads.close()
    this.drafts.close()
    this.client.close()
  }

  /** Conversation is the room's conversation, opened with the interest when it was not open yet. */
  conversation(roomId: number, interest: Interest): Conversation {
    const open = this.#conversations.get(roomId)
    if (open) return open
    const outgoing = this.#keep.load().filter((message) => message.roomId === roomId)
    const needs = {
      client: this.client,
      keep: this.#keep,
      userId: this.user.id,
      readUpTo: () => this.reads.get(roomId)?.seq,
      joined: (room: RoomInfo) => this.rooms.put(room),
      met: (people: readonly PersonInfo[]) => this.#met(people),
      arrived: (event: Event, live: boolean) => this.#arrived(roomId, event, live),
    }
    const conversation = new Conversation(roomId, interest, outgoing, needs, this.#takeKept(roomId))
    this.#conversations.set(roomId, conversation)
    this.opened(conversation)
    return conversation
  }

  /** Takes over people that were seen somewhere: how they look, and that they may be named. */
  #met(people: readonly PersonInfo[]): void {
    showPictures(people)
    this.people.know(people)
  }

  /** Members is who is in the room, to be closed when nobody looks at it any more. */
  members(roomId: number): Members {
    const members = new Members(roomId, (method, path, body) => this.session.call(method, path, body))
    members.state.subscribe((view) => this.people.know(view.members))
    return members
  }

  /** Leave ends a preview that nobody looks at any more, here and on the server. */
  leave(conversation: Conversation): void {
    if (conversation.state.getState().interest === 'preview') this.#close(conversation.roomId)
  }

  /** Watch says that somebody looks at the room's end, so what comes is read at once; returns how to end that. */
  watch(roomId: number): () => void {
    this.#watched = roomId
    return () => {
      if (this.#watched === roomId) this.#watched = undefined
    }
  }

  /** OnArrival calls the listener with every event that arrives; returns how to end that. */
  onArrival(listener: ArrivalListener): () => void {
    this.#arrivals.add(listener)
    return () => this.#arrivals.delete(listener)
  }

  /** OnStop calls back when the workspace is stopped. */
  onStop(end: () => void): void {
    this.#ends.push(end)
  }

  /** Refresh reads the list of rooms, with those that are open to join. */
  refresh(): Promise<void> {
    return this.rooms.refresh()
  }

  /** StorageChanged takes over what another tab of this device has done. */
  storageChanged(key: string, value: string | null): void {
    this.drafts.storageChanged(key, value)
    const cid = this.#keep.cidOf(key)
    if (cid === undefined || value !== null) return
    for (const conversation of this.#conversations.values()) conversation.outbox.elsewhere(cid)
  }

  /** Conversations is what is open. */
  get conversations(): readonly Conversation[] {
    return [...this.#conversations.values()]
  }

  /** Renewed takes over how a room is now that nobody has opened. */
  renewed(kept: Kept): void {
    if (!this.#conversations.has(kept.roomId)) this.#kept.set(kept.roomId, kept)
  }

  /**
   * What was kept of a room, once: a conversation that is closed and opened again
   * has its reasons. Nothing when what it says is known to be changed since.
   */
  #takeKept(roomId: number): Kept | undefined {
    const kept = this.#kept.get(roomId)
    this.#kept.delete(roomId)
    const head = this.rooms.get(roomId)?.head
    return kept && head && outdated(kept, head) ? undefined : kept
  }

  #find(roomId: number): Conversation | undefined {
    return this.#conversations.get(roomId)
  }

  #connectionChanged({ phase }: ClientState): void {
    if (phase !== 'up') return
    this.reads.flush()
    void this.#askOwnStatus()
    void this.refresh()
  }

  /** Another device may have chosen it while this one was away. */
  async #askOwnStatus(): Promise<void> {
    const ack = await this.client.ask<StatusAck>(SetStatus, {})
    if (ack?.ok) this.ownStatus.take(ack as StatusAck)
  }

  #synced({ rooms, next }: SyncAck): void {
    this.rooms.putAll(rooms)
    // Behind the list, which says what other devices have written meanwhile.
    if (next === undefined) this.drafts.flush()
  }

  /** Something happened in a room that is not joined, or the person's own counts have changed. */
  #roomChanged({ roomId, head, read, mentions = 0 }: RoomChanged): void {
    const known = this.rooms.get(roomId)?.head
    this.rooms.grow(roomId, { head })
    if (read) this.reads.take({ roomId, read, head, mentions })
    // Something else than messages may have changed what the room is called, or who is in it.
    const other = known && head.seq - known.seq > head.n - known.n
    if (other && !this.#find(roomId)) this.rooms.read(roomId).catch(() => undefined)
  }

  #added(room: RoomInfo): void {
    this.rooms.put(room)
    if (!room.role) this.drafts.forget(room.id)
    if (!room.role && this.#find(room.id)?.state.getState().interest !== 'preview') this.#close(room.id)
  }

  #removed(roomId: number): void {
    this.rooms.remove(roomId)
    this.drafts.forget(roomId)
    this.#close(roomId)
  }

  /** Ends the conversation; whoever looks at the room opens another one. */
  #close(roomId: number): void {
    this.#conversations.get(roomId)?.close()
    this.#conversations.delete(roomId)
    this.#kept.delete(roomId)
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
    if (own) this.drafts.said(roomId, event.messageText ?? '', event.at ?? 0)
    if (own) this.reads.wrote(roomId, { seq, n })
    else if (live && roomId === this.#watched) this.reads.mark(roomId, { seq, n })
    else if (event.mentions?.includes(this.user.id)) this.reads.named(roomId, seq)
    this.rooms.grow(roomId, { head: { seq, n, cursor }, members: live ? moved : 0 })
    if (event.userId && event.userName) this.people.heard(event.userId, event.userName)
    if (live && this.#changesRoom(event)) this.rooms.read(roomId).catch(() => undefined)
    for (const listener of this.#arrivals) listener(roomId, event, live)
  }
}
