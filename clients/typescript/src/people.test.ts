import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FakeWire } from '../test/wire.js'
import { Client } from './client.js'
import { online, onPresence, onStatus, searchPeople, setStatus } from './people.js'

let wire: FakeWire
let client: Client

beforeEach(async () => {
  vi.useFakeTimers()
  wire = new FakeWire()
  client = new Client({ url: 'http://server', wire: wire.open, token: () => 'token' })
  await vi.advanceTimersByTimeAsync(0)
  wire.connect()
})
afterEach(() => {
  client.close()
  vi.useRealTimers()
})

test('the status is set, asked for, and heard of', async () => {
  const set = setStatus(client, { status: 'away' })
  await vi.advanceTimersByTimeAsync(0)
  const asked = wire.take('setStatus')
  expect(asked.payload).toEqual({ status: 'away' })
  asked.answer({ ok: true, status: 'away', hideLastSeen: false, rev: 3 })
  expect(await set).toEqual({ status: 'away', hideLastSeen: false, rev: 3 })

  const heard: unknown[] = []
  const end = onStatus(client, (own) => heard.push(own.status))
  wire.events?.event('statusChanged', { status: 'dnd', hideLastSeen: false, rev: 4 })
  end()
  wire.events?.event('statusChanged', { status: 'online', hideLastSeen: false, rev: 5 })
  expect(heard).toEqual(['dnd'])
})

test('what is no status is refused', async () => {
  const refused = expect(setStatus(client, { status: 'invisible' })).rejects.toMatchObject({
    code: 'invalid',
  })
  await vi.advanceTimersByTimeAsync(0)
  wire.take('setStatus').answer({ ok: false, error: { code: 'invalid', message: 'No.' } })
  await refused
})

test('who is online is listed, and what changes is told', async () => {
  const ann = { id: 1, name: 'Ann', handle: 'ann', status: 'online' }
  const list = online(client, 7)
  await vi.advanceTimersByTimeAsync(0)
  const asked = wire.take('getOnlineUsers')
  expect(asked.payload).toEqual({ roomId: 7 })
  asked.answer({ ok: true, users: [ann] })
  expect(await list).toEqual([ann])
  const changes: unknown[] = []
  onPresence(client, (change) => changes.push(change))
  wire.events?.event('presence', { roomId: 7, online: [], offline: [1] })
  expect(changes).toEqual([{ roomId: 7, online: [], offline: [1] }])
})

test('a search is asked page by page, and waits for its turn', async () => {
  const bob = { id: 2, name: 'Bob', handle: 'bob' }
  const first = searchPeople(client, 'bo', { limit: 1 })
  await vi.advanceTimersByTimeAsync(0)
  wire
    .take('searchPeople')
    .answer({ ok: false, error: { code: 'rate_limited', message: 'Slow down.', retryAfter: 2 } })
  await vi.advanceTimersByTimeAsync(1_900)
  expect(wire.asked).toEqual([])
  await vi.advanceTimersByTimeAsync(2_000)
  const again = wire.take('searchPeople')
  expect(again.payload).toEqual({ search: 'bo', limit: 1 })
  again.answer({ ok: true, people: [bob], next: '2.Ym9i' })
  expect(await first).toEqual({ people: [bob], next: '2.Ym9i' })
  const second = searchPeople(client, 'bo', { after: '2.Ym9i' })
  await vi.advanceTimersByTimeAsync(0)
  const asked = wire.take('searchPeople')
  expect(asked.payload).toEqual({ search: 'bo', after: '2.Ym9i' })
  asked.answer({ ok: true, people: [] })
  expect(await second).toEqual({ people: [] })
})
