import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Session } from '../connection/session'
import {
  JoinRoom,
  ReceiveMessage,
  RoomChange,
  type Event as RoomEvent,
  type RoomInfo,
  RoomRemoved,
  SettingsChanged,
  Sync,
} from '../protocol/types'
import { flush } from '../testing/defer'
import { ann, cursor, head, message, room } from '../testing/events'
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
        ? { ...info(8), head: { ...head(4), n: 3 } }
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

test('also not in a room that is not open', async () => {
  const seen = { roomId: 8, at: 9e12, floor: 1, high: 1, n: 1, cursor: cursor(1), events: [message(1)] }
  await shelf.put(ann.id, seen)
  await wire.say(RoomChange, { roomId: 8, head: head(3) })
  await vi.advanceTimersByTimeAsync(5_000)
  expect((await kept(8))?.high).toBe(1)
  await wire.say(RoomChange, { roomId: 8, head: { ...head(4), n: 3 } })
  await until(async () => expect(await kept(8)).toBeUndefined())
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
