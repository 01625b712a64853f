import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Session } from '../connection/session'
import {
  GetMessages,
  type Head,
  JoinRoom,
  type PageAck,
  ReceiveMessage,
  RoomChange,
  type Event as RoomEvent,
  type RoomInfo,
  RoomRemoved,
  SettingsChanged,
  Sync,
} from '../protocol/types'
import { flush } from '../testing/defer'
import { ann, cursor, head, message, messages, room } from '../testing/events'
import { MemoryStorage } from '../testing/storage'
import { FakeWire } from '../testing/wire'
import { Shelf } from './shelf'
import { Shelving } from './shelving'
import { Workspace } from './workspace'

const info = (id: number): RoomInfo => ({
  id,
  name: `room ${id}`,
  kind: 'private',
  members: 1,
  role: 'member',
  head: head(1),
})

let wire: FakeWire
let session: Session
let workspace: Workspace
let shelf: Shelf

/** What is kept of the room, once that is so. */
const kept = (id = room) => shelf.load(ann.id).then((seen) => seen?.kept.find(({ roomId }) => roomId === id))
const texts = async () => (await kept())?.events.map(({ messageText }) => messageText)

/** Until waits for what takes its time: the database, and what is kept soon. */
const until = (seen: () => unknown) => vi.waitFor(seen, { timeout: 60_000 })

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

async function receive(...events: RoomEvent[]): Promise<void> {
  for (const event of events) await wire.say(ReceiveMessage, event)
}

beforeEach(async () => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'Date'],
    shouldAdvanceTime: true,
  })
  globalThis.indexedDB = new IDBFactory()
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
  vi.stubGlobal('fetch', async (url: string) => {
    const answer = url.endsWith('/rooms')
      ? { rooms: [info(room), info(8)] }
      : url.endsWith('/rooms/8')
        ? { ...info(8), head: { ...head(5), n: 4 } }
        : { token: 't', expiresAt: Date.now() + 3_600_000, user: ann }
    return new Response(JSON.stringify(answer))
  })
  wire = new FakeWire()
  shelf = new Shelf('test')
  const storage = new MemoryStorage()
  session = new Session(storage)
  workspace = new Workspace(ann, session, { url: '', wire: wire.open }, storage)
  workspace.start()
  new Shelving(workspace, shelf).start()
  await until(() => expect(wire.attempts).toBeGreaterThan(0))
  await wire.accept()
  await wire.last(Sync).reply({ ok: true, caughtUp: [], rooms: [info(room), info(8)] })
  await until(() => expect(workspace.rooms.state.getState().loaded).toBe(true))
  workspace.conversation(room, 'read')
  await receive(message(1), message(2))
  await wire.last(JoinRoom).reply({ ok: true, head: head(2), more: false, room: info(room) })
  await until(async () => expect(await texts()).toEqual(['text 1', 'text 2']))
})
afterEach(() => {
  workspace.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('what is seen is kept, with the list of rooms', async () => {
  await receive(message(3))
  await until(async () => expect((await kept())?.cursor).toBe(cursor(3)))
  await until(async () => expect((await shelf.load(ann.id))?.rooms.map(({ id }) => id)).toEqual([room, 8]))
})

test('what the person has chosen for a room is kept, though a description says nothing of it', async () => {
  const chosen = { starred: true, muted: false, notify: 'all', place: 3 }
  await wire.say(SettingsChanged, { roomId: room, settings: { ...chosen, version: 2 } })
  workspace.rooms.put(info(room))
  await until(async () => {
    const seen = await shelf.load(ann.id)
    expect(seen?.rooms.find(({ id }) => id === room)?.settings).toMatchObject(chosen)
  })
})

test('a text that is deleted is not kept', async () => {
  await receive(event({ kind: 'delete', seq: 3, targetSeq: 1, rev: 3 }))
  await until(async () => expect(await texts()).toEqual([undefined, 'text 2']))
})

describe('a room that is not open', () => {
  /** It has lost its fourth message by the fifth event. */
  const deleted = { ...head(5), n: 4 }
  const page = (changes: Partial<PageAck> = {}) => ({
    ok: true,
    events: [...messages(2, 3), message(4, { deleted: true, rev: 5 }), event({ kind: 'delete', seq: 5 })],
    asOf: 5,
    head: deleted,
    moreBefore: true,
    moreAfter: false,
    ...changes,
  })
  /** The n-th page that is asked for. */
  const asked = (n: number) => until(() => expect(wire.count(GetMessages)).toBe(n))
  const change = (to: Head) => wire.say(RoomChange, { roomId: 8, head: to })

  beforeEach(async () => {
    // The round after the connect has nothing to do.
    await vi.advanceTimersByTimeAsync(10_000)
    await shelf.put(ann.id, {
      roomId: 8,
      at: 9e12,
      floor: 1,
      high: 4,
      n: 4,
      cursor: cursor(4),
      events: messages(1, 4),
    })
    expect(wire.count(GetMessages)).toBe(0)
  })

  test('loses what may have been deleted, and is kept anew as it is', async () => {
    await change(deleted)
    await until(async () => expect(await kept(8)).toBeUndefined())
    await vi.advanceTimersByTimeAsync(60_000)
    await asked(1)
    expect(wire.last(GetMessages).payload).toEqual({ roomId: 8, limit: 50 })
    await wire.last(GetMessages).reply(page())
    await until(async () => expect(await kept(8)).toMatchObject({ at: 9e12, floor: 2, high: 5, n: 4 }))
    expect((await kept(8))?.events.map(({ seq, deleted }) => [seq, deleted])).toEqual([
      [2, undefined],
      [3, undefined],
      [4, true],
    ])
    // Nobody has joined it, and whoever opens it sees that at once.
    expect(wire.asked.filter(({ event, payload }) => event === JoinRoom && payload.roomId === 8)).toEqual([])
    expect(workspace.conversation(8, 'read').state.getState()).toMatchObject({ high: 5, phase: 'joining' })
  })

  test('is read after the next connect where only messages have come', async () => {
    await change(head(6))
    await vi.advanceTimersByTimeAsync(120_000)
    expect((await kept(8))?.high).toBe(4)
    expect(wire.count(GetMessages)).toBe(0)
    await wire.drop()
    await until(() => expect(wire.attempts).toBe(2))
    await wire.accept()
    await wire
      .last(Sync)
      .reply({ ok: true, caughtUp: [], rooms: [info(room), { ...info(8), head: head(6) }] })
    await vi.advanceTimersByTimeAsync(40_000)
    await asked(1)
    await wire
      .last(GetMessages)
      .reply(page({ events: messages(1, 6), asOf: 6, head: head(6), moreBefore: false }))
    await until(async () => expect(await kept(8)).toMatchObject({ floor: 1, high: 6 }))
  })

  test.each([
    ['has a hole', page({ events: [...messages(1, 3), event({ kind: 'delete', seq: 5 })] })],
    ['is of another time than its head', page({ asOf: 4 })],
    ['shows nothing', page({ events: [event({ kind: 'void', seq: 5 })] })],
    ['is refused', { ok: false, error: { code: 'forbidden', message: 'no' } }],
  ])('is not kept when its page %s, nor asked for again', async (_, answer) => {
    await change(deleted)
    await until(async () => expect(await kept(8)).toBeUndefined())
    await vi.advanceTimersByTimeAsync(60_000)
    await asked(1)
    await wire.last(GetMessages).reply(answer)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(await kept(8)).toBeUndefined()
    expect(wire.count(GetMessages)).toBe(1)
  })

  test('is read again when it was changed while its page was under way', async () => {
    await change(deleted)
    await until(async () => expect(await kept(8)).toBeUndefined())
    await vi.advanceTimersByTimeAsync(60_000)
    await asked(1)
    const late = wire.last(GetMessages)
    await change({ ...head(6), n: 4 })
    await until(() => expect(workspace.rooms.get(8)?.head.seq).toBe(6))
    await late.reply(page())
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await kept(8)).toBeUndefined()
    await vi.advanceTimersByTimeAsync(60_000)
    await asked(2)
  })

  test('keeps itself up to date once somebody has opened it', async () => {
    await change(deleted)
    await until(async () => expect(await kept(8)).toBeUndefined())
    workspace.conversation(8, 'read')
    await vi.advanceTimersByTimeAsync(120_000)
    expect(wire.count(GetMessages)).toBe(0)
  })
})

test('a room that the person was taken out of goes', async () => {
  await wire.say(RoomRemoved, { roomId: room })
  await until(async () => expect(await kept()).toBeUndefined())
})

test('what is no part of the history any more goes', async () => {
  await receive(event({ kind: 'reset', reason: 'history', head: head(1) }))
  await until(async () => expect(await kept()).toBeUndefined())
})

test('what was wiped when the session had ended is kept again once it is renewed', async () => {
  await until(() => expect(session.state.getState().phase).toBe('in'))
  session.state.setState({ phase: 'expired', user: ann }, true)
  await new Promise((done) => {
    indexedDB.deleteDatabase('test').onsuccess = done
  })
  await receive(message(3))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await shelf.load(ann.id)).toBeUndefined()
  session.state.setState({ phase: 'in', user: ann }, true)
  await until(async () => expect(await texts()).toEqual(['text 1', 'text 2', 'text 3']))
})

test('a page that was left has kept everything', async () => {
  Object.assign(document, { visibilityState: 'hidden' })
  await receive(message(3))
  await flush()
  document.dispatchEvent(new Event('visibilitychange'))
  await until(async () => expect((await kept())?.high).toBe(3))
})

function event(changes: Partial<RoomEvent>): RoomEvent {
  const { messageText: _, ...rest } = message(changes.seq ?? 0)
  return { ...rest, ...changes }
}
