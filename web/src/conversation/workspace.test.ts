import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Session } from '../connection/session'
import {
  type Event,
  JoinRoom,
  LeaveRoom,
  ReadChanged,
  ReceiveMessage,
  RoomAdded,
  type RoomInfo,
  RoomRemoved,
} from '../protocol/types'
import { flush } from '../testing/defer'
import { ann, cursor, head, message, room } from '../testing/events'
import { MemoryStorage } from '../testing/storage'
import { FakeWire } from '../testing/wire'
import { unread, Workspace } from './workspace'

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

/** The room's conversation is live behind its head. */
async function live(id: number): Promise<void> {
  await wire.last(JoinRoom).reply({ ok: true, head: head(3), more: false, room: info(id) })
}

async function receive(event: Event): Promise<void> {
  await wire.say(ReceiveMessage, event)
  await vi.advanceTimersByTimeAsync(250)
}

async function open(): Promise<void> {
  workspace = new Workspace(ann, new Session(storage), wire.open, storage)
  workspace.start()
  await flush()
  await wire.accept()
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

test('rooms of the person are listened to, others are not', async () => {
  listed = [info(room), info(8, { role: '' }), info(9)]
  await open()
  expect(joined().sort()).toEqual([7, 9])
})

test('a room that a device has not seen has nothing unread, then counts what comes', async () => {
  await open()
  await live(room)
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

test('where one stopped reading is known as soon as the room is', async () => {
  listed = [info(room, { head: head(9), read: { seq: 3, n: 3, version: 1 }, unread: 6 })]
  workspace = new Workspace(ann, new Session(storage), wire.open, storage)
  const known: (number | undefined)[] = []
  workspace.rooms.state.subscribe(
    ({ rooms }) => rooms.length > 0 && known.push(workspace.reads.get(room)?.seq),
  )
  workspace.start()
  await flush()
  expect(known).toEqual([3])
})

test('what names the person counts as a mention until it is read', async () => {
  await open()
  await live(room)
  await receive(message(4, { mentions: [ann.id] }))
  await receive(message(5, { mentions: [99] }))
  expect(workspace.reads.get(room)?.mentions).toBe(1)
  workspace.reads.mark(room, { seq: 5, n: 5 })
  expect(workspace.reads.get(room)?.mentions).toBe(0)
})

test('what is watched, and what one says oneself, is read as it comes', async () => {
  await open()
  await live(room)
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
  await live(room)
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
  expect(joined()).toContain(12)
  await wire.say(RoomRemoved, { roomId: 12 })
  expect(workspace.rooms.get(12)).toBeUndefined()
})

test('after a cut every open room is joined again, from its cursor', async () => {
  await open()
  await live(room)
  await wire.drop()
  await vi.advanceTimersByTimeAsync(1_000)
  await wire.accept()
  expect(wire.last(JoinRoom).payload).toEqual({ roomId: room, since: cursor(3) })
})

test('a preview that nobody looks at any more is left', async () => {
  await open()
  const preview = workspace.conversation(8, 'preview')
  workspace.leave(preview)
  expect(wire.last(LeaveRoom).payload).toEqual({ roomId: 8 })
  workspace.leave(workspace.conversation(room, 'listen'))
  expect(wire.count(LeaveRoom)).toBe(1)
})

test('a room with messages on their way is joined although nobody has opened it', async () => {
  await open()
  workspace.conversation(55, 'read').outbox.add('kept')
  workspace.stop()
  wire = new FakeWire()
  await open()
  expect(joined()).toContain(55)
})

test('what another tab has sent is taken over', async () => {
  await open()
  await live(room)
  await receive(message(4))
  const conversation = workspace.conversation(room, 'read')
  conversation.outbox.close()
  const { cid } = conversation.outbox.add('sent by the other tab')
  workspace.storageChanged(`parley.outbox.${ann.id}.${room}.${cid}`, null)
  expect(conversation.outbox.messages).toEqual([])
})
