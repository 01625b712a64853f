import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, test } from 'vitest'
import type { RoomInfo } from '../protocol/types'
import { ann, bo, cursor, head, message, messages, room } from '../testing/events'
import type { Kept } from './conversation'
import { mostEvents, mostRooms, Shelf } from './shelf'

const info: RoomInfo = {
  id: room,
  name: 'general',
  kind: 'public',
  members: 2,
  role: 'member',
  head: head(5),
  read: { seq: 3, n: 3, version: 9 },
}
const last = { seq: 5, userId: 2, text: 'text 5', at: 1 } as NonNullable<RoomInfo['last']>

/** What was seen of a room up to its high-th event. */
function seen(high: number, changes: Partial<Kept> = {}): Kept {
  return {
    roomId: room,
    at: Date.now(),
    floor: 1,
    high,
    n: high,
    cursor: cursor(high),
    events: messages(1, high),
    ...changes,
  }
}

let shelf: Shelf
/** Another page of the same device. */
let other: Shelf

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory()
  shelf = new Shelf('test')
  other = new Shelf('test')
  await shelf.claim(ann.id)
})

test('what was seen is there again, and what the server says of it is later', async () => {
  await shelf.put(ann.id, seen(5))
  await shelf.putList(ann.id, [{ ...info, last }])
  const loaded = await other.load(ann.id)
  expect(loaded?.kept).toEqual([seen(5, { at: loaded?.kept[0]?.at ?? 0 })])
  expect(loaded?.rooms).toEqual([{ ...info, read: { seq: 3, n: 3, version: -1 } }])
})

test('of two pages the one that has heard more is right', async () => {
  await shelf.put(ann.id, seen(6))
  await other.put(ann.id, seen(4))
  expect((await shelf.load(ann.id))?.kept[0]?.high).toBe(6)
})

test('what may have been changed or deleted goes, what has only messages behind it stays', async () => {
  const deleted = new Map([[room, { ...head(6), n: 5 }]])
  await shelf.put(ann.id, seen(5))
  await other.dropOutdated(ann.id, new Map([[room, head(9)]]))
  expect((await shelf.load(ann.id))?.kept[0]?.high).toBe(5)
  await other.dropOutdated(ann.id, deleted)
  expect((await shelf.load(ann.id))?.kept).toEqual([])
  // A page that has heard of the change may keep it.
  await shelf.put(ann.id, seen(6, { n: 5 }))
  await other.dropOutdated(ann.id, deleted)
  expect((await shelf.load(ann.id))?.kept[0]?.high).toBe(6)
})

test('what has another history takes the place of what was dropped', async () => {
  await shelf.put(ann.id, seen(9))
  await shelf.drop(ann.id, room)
  await shelf.put(ann.id, seen(2))
  expect((await shelf.load(ann.id))?.kept[0]?.high).toBe(2)
})

test('rooms, events and characters are bounded, and the last ones stay', async () => {
  const long = 'x'.repeat(10_000)
  for (let id = 1; id <= mostRooms + 5; id++)
    await shelf.put(ann.id, seen(1, { roomId: id, at: Date.now() - 100 + id }))
  const kept = (await shelf.load(ann.id))?.kept ?? []
  expect(kept.map(({ roomId }) => roomId)).toEqual(Array.from({ length: mostRooms }, (_, i) => i + 6))

  await shelf.put(ann.id, seen(500, { roomId: 99, at: Date.now() + 1 }))
  const many = (await shelf.load(ann.id))?.kept.at(-1)
  expect([many?.events.length, many?.floor, many?.high]).toEqual([mostEvents, 401, 500])

  const events = messages(1, 60).map((event) => ({ ...event, messageText: long }))
  await shelf.put(ann.id, seen(60, { roomId: 98, at: Date.now() + 2, events }))
  const large = (await shelf.load(ann.id))?.kept.find(({ roomId }) => roomId === 98)
  expect([large?.events.length, large?.floor]).toEqual([20, 41])
})

test('nobody reads or writes what is another person’s', async () => {
  await shelf.put(ann.id, seen(5))
  expect(await other.load(bo.id)).toBeUndefined()
  await other.put(bo.id, seen(8))
  expect((await shelf.load(ann.id))?.kept[0]?.high).toBe(5)
  await other.claim(bo.id)
  expect(await shelf.load(ann.id)).toBeUndefined()
  expect(await other.load(bo.id)).toEqual({ rooms: [], kept: [] })
})

test('a page that has not heard of a sign-out writes nothing behind it', async () => {
  await shelf.put(ann.id, seen(5))
  await new Promise((done) => {
    indexedDB.deleteDatabase('test').onsuccess = done
  })
  await shelf.put(ann.id, seen(6))
  await other.putList(ann.id, [info])
  expect(await other.load(ann.id)).toBeUndefined()
  await other.claim(ann.id)
  expect(await other.load(ann.id)).toEqual({ rooms: [], kept: [] })
})

test('rooms that the person is in no more go', async () => {
  for (const roomId of [1, 2, 3]) await shelf.put(ann.id, seen(1, { roomId }))
  await shelf.dropOthers(ann.id, new Set([2]))
  expect((await shelf.load(ann.id))?.kept.map(({ roomId }) => roomId)).toEqual([2])
})

test('what was not seen for a month is not shown, and goes', async () => {
  await shelf.put(ann.id, seen(5, { at: Date.now() - 31 * 24 * 3_600_000 }))
  expect((await shelf.load(ann.id))?.kept).toEqual([])
  await other.claim(ann.id)
  const database = await opened(1)
  const count = database.transaction('rooms').objectStore('rooms').count()
  expect(await new Promise((done) => (count.onsuccess = () => done(count.result)))).toBe(0)
  database.close()
})

test.each([
  ['a hole before it', { events: messages(3, 5), floor: 4 }],
  ['no order', { events: [message(2), message(1)] }],
  ['more than its cursor', { events: messages(1, 6) }],
  ['another cursor', { cursor: cursor(4) }],
  ['nothing in it', { events: undefined as never }],
])('what has %s is not shown, and makes place for the next', async (_, damage) => {
  const database = await opened(1)
  const store = database.transaction('rooms', 'readwrite').objectStore('rooms')
  store.put(seen(5, damage))
  database.close()
  expect((await shelf.load(ann.id))?.kept).toEqual([])
  await shelf.put(ann.id, seen(2))
  expect((await shelf.load(ann.id))?.kept[0]?.high).toBe(2)
})

test('what a later version has left is thrown away', async () => {
  for (const version of [7, 2]) {
    globalThis.indexedDB = new IDBFactory()
    const database = await opened(version, (fresh) => fresh.createObjectStore('about').put(ann.id, 'owner'))
    database.close()
    const here = new Shelf('test')
    expect(await here.load(ann.id)).toBeUndefined()
    await here.claim(ann.id)
    await here.put(ann.id, seen(5))
    expect((await here.load(ann.id))?.kept[0]?.high).toBe(5)
  }
})

test('where nothing can be kept nothing is, and nobody hears of it', async () => {
  globalThis.indexedDB = {
    open: () => {
      throw new DOMException('no', 'SecurityError')
    },
  } as unknown as IDBFactory
  const nowhere = new Shelf('test')
  await nowhere.claim(ann.id)
  await nowhere.put(ann.id, seen(5))
  expect(await nowhere.load(ann.id)).toBeUndefined()
})

test('what cannot be kept takes what was kept before with it', async () => {
  await shelf.put(ann.id, seen(5))
  await shelf.put(ann.id, seen(6, { events: [{ ...message(6), messageText: (() => '') as never }] }))
  expect((await shelf.load(ann.id))?.kept).toEqual([])
  await shelf.put(ann.id, seen(7))
  expect((await shelf.load(ann.id))?.kept[0]?.high).toBe(7)
})

function opened(
  version: number,
  make: (database: IDBDatabase) => void = () => undefined,
): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('test', version)
    request.onupgradeneeded = () => make(request.result)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
