import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Session } from '../connection/session'
import {
  type Event,
  GetOnlineUsers,
  JoinRoom,
  LeaveRoom,
  ReadChanged,
  ReceiveMessage,
  RoomAdded,
  RoomChange,
  type RoomInfo,
  RoomRemoved,
  SetStatus,
  StatusChanged,
  Sync,
} from '../protocol/types'
import { flush } from '../testing/defer'
import { ann, cursor, head, message, room } from '../testing/events'
import { MemoryStorage } from '../testing/storage'
import { FakeWire } from '../testing/wire'
import { unread } from './counts'
import { lookUp, pictures } from './pictures'
import { Workspace } from './workspace'

const info = (id: number, changes: Partial<RoomInfo> = {}): RoomInfo => ({
  id,
  name: `room ${id}`,
  kind: 'public',
  members: 1,
  role: 'member',
  head: head(3),
  ...changes,
})

let wire: FakeWire
let storage: MemoryStorage
let listed: RoomInfo[]
let workspace: Workspace

const joined = () => wire.asked.filter(({ event }) => event === JoinRoom).map(({ payload }) => payload.roomId)
const unreadOf = (id: number) => unread(workspace.rooms.get(id) as RoomInfo, workspace.reads.state.getState())

const synced = () => ({ ok: true, caughtUp: [], rooms: listed.filter(({ role }) => role) })

/** The room's conversation is live behind its head. */
async function live(id: number): Promise<void> {
  await wire.last(JoinRoom).reply({ ok: true, head: head(3), more: false, room: info(id) })
}

async function receive(event: Event): Promise<void> {
  await wire.say(ReceiveMessage, event)
  await vi.advanceTimersByTimeAsync(250)
}

/** The person has signed in, and the first list is here. */
async function open(): Promise<void> {
  workspace = new Workspace(ann, new Session(storage), { url: '', wire: wire.open }, storage)
  workspace.start()
  await flush()
  await wire.accept()
  await wire.last(Sync).reply(synced())
}

/** Somebody looks at the room, and it is live behind its head. */
async function opened(id: number): Promise<void> {
  workspace.conversation(id, 'read')
  await live(id)
}

beforeEach(() => {
  vi.useFakeTimers()
  wire = new FakeWire()
  storage = new MemoryStorage()
  listed = [info(room)]
  vi.stubGlobal('fetch', async (url: string) => {
    const answer = url.endsWith('/rooms')
      ? { rooms: listed }
      : { token: 't', expiresAt: Date.now() + 3_600_000, user: ann }
    return new Response(JSON.stringify(answer))
  })
})
afterEach(() => {
  workspace.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('whoever is looked up for how they look may be named from then on', async () => {
  await open()
  const asked = vi.fn(async (_url: string) => Response.json({ id: 77, name: 'Bo', handle: 'bo' }))
  vi.stubGlobal('fetch', asked)
  lookUp(77)
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked.mock.calls[0]?.[0]).toMatch(/\/users\/77$/)
  expect(workspace.names.state.getState().people.get('bo')?.id).toBe(77)
})

test('whoever is online in a room may be named from then on', async () => {
  await open()
  await opened(room)
  const cay = { id: 78, name: 'Cay', handle: 'cay', picture: 'p1', status: 'online' }
  await wire.last(GetOnlineUsers).reply({ ok: true, roomId: room, users: [cay] })
  expect(workspace.names.state.getState().people.get('cay')?.id).toBe(78)
  expect(pictures.getState()[78]).toBe('p1')
})

test('rooms that were seen earlier may be named before the server says anything', () => {
  const session = new Session(storage)
  const lastSeen = { rooms: [info(8, { name: 'Harbour' })], kept: [] }
  workspace = new Workspace(ann, session, { url: '', wire: wire.open }, storage, lastSeen)
  workspace.start()
  expect(workspace.names.state.getState().rooms.get('harbour')).toBe(8)
})

test('one round trip brings the rooms and what is unread, and none is joined before somebody looks', async () => {
  const read = { seq: 3, n: 3, version: 1 }
  listed = [info(room, { head: head(9), read, unread: 6, mentions: 2 }), info(8)]
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  await open()
  expect(workspace.rooms.state.getState()).toMatchObject({
    rooms: [{ id: room }, { id: 8 }],
    loaded: false,
  })
  expect(unreadOf(room)).toBe(6)
  expect(workspace.reads.get(room)?.mentions).toBe(2)
  expect(joined()).toEqual([])
})

test('mentions count that come with what was missed, behind the list as before it', async () => {
  const read = { seq: 3, n: 3, version: 1 }
  listed = [info(room, { read })]
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  await open()
  await opened(room)
  await wire.say(ReceiveMessage, message(4))
  await wire.drop()
  await vi.advanceTimersByTimeAsync(1_000)
  await wire.accept()
  for (const seq of [5, 6]) await wire.say(ReceiveMessage, message(seq, { mentions: [ann.id] }))
  // The list was read before the second of them was said.
  listed = [info(room, { head: head(5), read, unread: 2, mentions: 1 })]
  const caughtUp = [{ roomId: room, joined: true, head: head(6) }]
  await wire.last(Sync).reply({ ...synced(), caughtUp })
  await vi.advanceTimersByTimeAsync(250)
  expect(workspace.reads.get(room)?.mentions).toBe(2)
  expect(unreadOf(room)).toBe(3)
})

test('of rooms that nobody looks at the server tells in short', async () => {
  const read = { seq: 3, n: 3, version: 1 }
  listed = [info(room, { read })]
  await open()
  await wire.say(RoomChange, { roomId: room, head: head(5) })
  await vi.advanceTimersByTimeAsync(250)
  expect(unreadOf(room)).toBe(2)
  await wire.say(RoomChange, { roomId: room, head: head(6), read, unread: 3, mentions: 1 })
  await vi.advanceTimersByTimeAsync(250)
  expect(unreadOf(room)).toBe(3)
  expect(workspace.reads.get(room)?.mentions).toBe(1)
  await wire.say(RoomChange, { roomId: room, head: head(7), read: { seq: 7, n: 7, version: 1 } })
  await vi.advanceTimersByTimeAsync(250)
  expect(unreadOf(room)).toBe(0)
})

test('what else has happened there has the room read anew', async () => {
  await open()
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url)
    return new Response(JSON.stringify(info(room, { name: 'another name', head: head(4) })))
  })
  await wire.say(RoomChange, { roomId: room, head: head(4) })
  expect(asked).toEqual([])
  await wire.say(RoomChange, { roomId: room, head: { ...head(5), n: 3 } })
  await vi.waitFor(() => expect(workspace.rooms.get(room)?.name).toBe('another name'), { timeout: 30_000 })
  expect(asked).toEqual([`/api/v1/rooms/${room}`])
})

test('what is said in direct rooms, which the server joins by itself, counts as it comes', async () => {
  listed = [info(room, { kind: 'direct', read: { seq: 3, n: 3, version: 1 } })]
  await open()
  await receive(message(4))
  await receive(message(5))
  expect(unreadOf(room)).toBe(2)
})

test('a room that a device has not seen has nothing unread, then counts what comes', async () => {
  await open()
  await opened(room)
  expect(unreadOf(room)).toBe(0)
  await receive(message(4))
  await receive(message(5))
  expect(unreadOf(room)).toBe(2)
})

test('what is unread is what the server says, and another device is followed', async () => {
  const read = { seq: 3, n: 3, version: 1 }
  listed = [info(room, { head: head(9), read, unread: 6, mentions: 1 })]
  await open()
  expect(unreadOf(room)).toBe(6)
  expect(workspace.reads.get(room)?.mentions).toBe(1)
  const standing = { roomId: room, head: head(9), unread: 1, mentions: 0 }
  await wire.say(ReadChanged, { ...standing, read: { seq: 8, n: 8, version: 1 } })
  expect(unreadOf(room)).toBe(1)
  await wire.say(ReadChanged, { ...standing, unread: 9, read: { seq: 0, n: 0, version: 2 } })
  expect(unreadOf(room)).toBe(9)
})

test('how the person wants to be shown is asked after each connect, and other devices are followed', async () => {
  await open()
  const shown = () => workspace.ownStatus.state.getState()
  await wire.last(SetStatus).reply({ ok: true, status: 'away', hideLastSeen: true, rev: 4 })
  expect(shown()).toEqual({ status: 'away', hideLastSeen: true, known: true })
  await wire.say(StatusChanged, { status: 'dnd', hideLastSeen: true, rev: 5 })
  expect(shown().status).toBe('dnd')
  vi.stubGlobal('navigator', { onLine: true })
  await wire.drop()
  await vi.advanceTimersByTimeAsync(5_000)
  await wire.accept()
  expect(wire.count(SetStatus)).toBe(2)
  expect(wire.last(SetStatus).payload).toEqual({})
  await wire.last(SetStatus).reply({ ok: true, status: 'online', hideLastSeen: false, rev: 6 })
  expect(shown()).toEqual({ status: 'online', hideLastSeen: false, known: true })
})

test('whoever listens hears what was missed and what is live, and which is which', async () => {
  await open()
  const heard: string[] = []
  const end = workspace.onArrival((_, { kind, seq }, live) => heard.push(`${kind} ${seq} ${live}`))
  workspace.conversation(room, 'read')
  await receive(message(3, { kind: 'join' }))
  await live(room)
  await receive(message(4))
  expect(heard).toEqual(['join 3 false', 'message 4 true'])
  end()
  await receive(message(5))
  expect(heard).toHaveLength(2)
})

test('where one stopped reading is known as soon as the room is', async () => {
  listed = [info(room, { head: head(9), read: { seq: 3, n: 3, version: 1 }, unread: 6 })]
  workspace = new Workspace(ann, new Session(storage), { url: '', wire: wire.open }, storage)
  const known: (number | undefined)[] = []
  workspace.rooms.state.subscribe(
    ({ rooms }) => rooms.length > 0 && known.push(workspace.reads.get(room)?.seq),
  )
  workspace.start()
  await vi.waitFor(() => expect(known).toEqual([3]), { timeout: 30_000 })
})

test('what names the person counts as a mention until it is read', async () => {
  await open()
  await opened(room)
  await receive(message(4, { mentions: [ann.id] }))
  await receive(message(5, { mentions: [99] }))
  expect(workspace.reads.get(room)?.mentions).toBe(1)
  workspace.reads.mark(room, { seq: 5, n: 5 })
  expect(workspace.reads.get(room)?.mentions).toBe(0)
})

test('what is watched, and what one says oneself, is read as it comes', async () => {
  await open()
  await opened(room)
  const seen: number[] = []
  const look = () => seen.push(unreadOf(room))
  workspace.rooms.state.subscribe(look)
  workspace.reads.state.subscribe(look)
  const end = workspace.watch(room)
  await receive(message(4))
  end()
  await receive(message(5, { userId: ann.id }))
  expect(workspace.rooms.get(room)?.head).toEqual(head(5))
  expect(new Set(seen)).toEqual(new Set([0]))
  await receive(message(6))
  expect(unreadOf(room)).toBe(1)
})

test('people who join and leave are counted, voids change nothing', async () => {
  await open()
  await opened(room)
  await receive(message(4, { kind: 'join', n: 3 }))
  expect(workspace.rooms.get(room)).toMatchObject({ members: 2, head: { seq: 4, n: 3 } })
  await receive({ kind: 'void', roomId: room, seq: 5, cursor: cursor(5) })
  await receive(message(6, { kind: 'leave', n: 3 }))
  expect(workspace.rooms.get(room)).toMatchObject({ members: 1, head: { seq: 6, n: 3 } })
})

test('rooms come and go as the server says', async () => {
  await open()
  await wire.say(RoomAdded, info(12, { name: 'a new one' }))
  expect(workspace.rooms.state.getState().rooms.map(({ name }) => name)).toEqual(['a new one', 'room 7'])
  await wire.say(RoomRemoved, { roomId: 12 })
  expect(workspace.rooms.get(12)).toBeUndefined()
})

test('after a cut all open rooms catch up together, the one looked at last first', async () => {
  listed = [info(room), info(8)]
  await open()
  await opened(8)
  await opened(room)
  await wire.drop()
  await vi.advanceTimersByTimeAsync(1_000)
  await wire.accept()
  expect(wire.last(Sync).payload).toEqual({
    rooms: [
      { roomId: room, since: cursor(3) },
      { roomId: 8, since: cursor(3) },
    ],
  })
  const joins = wire.count(JoinRoom)
  await wire.say(ReceiveMessage, message(4))
  const caughtUp = [
    { roomId: room, joined: true, head: head(4) },
    { roomId: 8, joined: true, head: head(3) },
  ]
  await wire.last(Sync).reply({ ...synced(), caughtUp })
  expect(workspace.conversation(room, 'read').state.getState()).toMatchObject({
    phase: 'live',
    complete: true,
  })
  expect(wire.count(JoinRoom)).toBe(joins)
})

test('a preview that nobody looks at any more is left', async () => {
  await open()
  const preview = workspace.conversation(8, 'preview')
  const before = wire.count(LeaveRoom)
  workspace.leave(preview)
  expect(wire.count(LeaveRoom)).toBe(before + 1)
  expect(wire.last(LeaveRoom).payload).toEqual({ roomId: 8 })
  const other = workspace.conversation(room, 'listen')
  workspace.leave(other)
  expect(workspace.conversation(room, 'listen')).toBe(other)
})

test('a room with messages on their way is joined although nobody has opened it', async () => {
  await open()
  workspace.conversation(55, 'read').say('kept')
  workspace.stop()
  wire = new FakeWire()
  await open()
  expect(joined()).toContain(55)
})

test('what another tab has sent is taken over', async () => {
  await open()
  await opened(room)
  await receive(message(4))
  const conversation = workspace.conversation(room, 'read')
  const { cid } = conversation.say('sent by the other tab')
  workspace.storageChanged(`parley.outbox.${ann.id}.${room}.${cid}`, null)
  expect(conversation.outbox.list).toEqual([])
})

describe('what was seen before the page was closed', () => {
  const kept = {
    roomId: room,
    at: 1_000,
    floor: 2,
    high: 3,
    n: 3,
    cursor: cursor(3),
    events: [message(2), message(3)],
  }
  const shown = () => workspace.conversation(room, 'read').state.getState()
  const seqs = () => shown().events.map(({ seq }) => seq)

  function restored(rooms = [info(room)]): void {
    workspace = new Workspace(ann, new Session(storage), { url: '', wire: wire.open }, storage, {
      rooms,
      kept: [kept],
    })
    workspace.start()
  }

  test('is there before anything else, and never called complete', () => {
    restored()
    expect(workspace.rooms.get(room)?.name).toBe('room 7')
    expect(workspace.rooms.state.getState().loaded).toBe(false)
    expect(seqs()).toEqual([2, 3])
    expect(shown()).toMatchObject({ complete: false, seenAt: 1_000, phase: 'joining' })
  })

  test('goes on from its cursor, without a hole and nothing twice', async () => {
    restored()
    expect(seqs()).toEqual([2, 3])
    await flush()
    await wire.accept()
    expect(wire.last(Sync).payload).toEqual({ rooms: [{ roomId: room, since: cursor(3) }] })
    await receive(message(3))
    await receive(message(4))
    await receive(event({ kind: 'delete', seq: 5, targetSeq: 2, rev: 5 }))
    await wire.last(Sync).reply({ ...synced(), caughtUp: [{ roomId: room, joined: true, head: head(5) }] })
    await flush()
    expect(seqs()).toEqual([2, 3, 4])
    expect(shown().events[0]).toMatchObject({ deleted: true })
    expect(shown().events[0]?.messageText).toBeUndefined()
    expect(shown()).toMatchObject({ complete: true, seenAt: undefined, phase: 'live' })
  })

  test('goes when the server has another history', async () => {
    restored()
    expect(seqs()).toEqual([2, 3])
    await flush()
    await wire.accept()
    const reset = { reason: 'history', head: head(1) }
    await wire.last(Sync).reply({ ...synced(), caughtUp: [{ roomId: room, joined: false, reset }] })
    expect(seqs()).toEqual([])
    await vi.advanceTimersByTimeAsync(15_000)
    expect(wire.last(JoinRoom).payload).toEqual({ roomId: room, latest: 50 })
  })

  test('of the list is replaced by what the server says, also when that was set back', async () => {
    listed = [info(room, { head: head(2), read: { seq: 1, n: 1, version: 1 } })]
    restored([info(room, { head: head(900), read: { seq: 900, n: 900, version: -1 } })])
    expect(unreadOf(room)).toBe(0)
    await workspace.refresh()
    expect(workspace.rooms.get(room)?.head.seq).toBe(2)
    expect(unreadOf(room)).toBe(1)
  })

  test('says what is deleted no more, also while nobody looks at the room', async () => {
    restored()
    await flush()
    await wire.accept()
    await wire.last(Sync).reply(synced())
    await receive(event({ kind: 'delete', seq: 4, n: 3, targetSeq: 2, rev: 4 }))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(seqs()).toEqual([])
  })
})

function event(changes: Partial<Event>): Event {
  const { messageText: _, ...rest } = message(changes.seq ?? 0)
  return { ...rest, ...changes }
}
