import { Client } from 'parley-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MarkRead, MarkUnread } from '../protocol/types'
import { flush } from '../testing/defer'
import { head } from '../testing/events'
import { FakeWire } from '../testing/wire'
import { Reads } from './reads'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const clients: Client[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

async function open(): Promise<{ reads: Reads; wire: FakeWire }> {
  const wire = new FakeWire()
  const client = new Client({ url: '', token: () => 'token', wire: wire.open })
  clients.push(client)
  await wire.accept()
  return { reads: new Reads((event, payload) => client.ask(event, payload)), wire }
}

const at = (seq: number, version = 1, mentions = 0) => ({
  roomId: 7,
  read: { seq, n: seq, version },
  head: head(9),
  unread: 9 - seq,
  mentions,
})
const told = (wire: FakeWire) =>
  wire.asked.filter(({ event }) => event === MarkRead).map(({ payload }) => payload.seq)

test('of two marks the one with the greater version counts, then the one further on', async () => {
  const { reads } = await open()
  reads.take(at(5))
  reads.take(at(3))
  expect(reads.get(7)).toMatchObject({ seq: 5, version: 1 })
  reads.take(at(2, 2, 1))
  expect(reads.get(7)).toMatchObject({ seq: 2, version: 2, mentions: 1 })
  reads.take(at(8, 1))
  expect(reads.get(7)).toMatchObject({ seq: 2, version: 2 })
})

test('what is read shows at once, and the server hears of the last of it', async () => {
  const { reads, wire } = await open()
  reads.take(at(3))
  for (const seq of [4, 5, 6]) reads.mark(7, { seq, n: seq })
  reads.mark(7, { seq: 2, n: 2 })
  expect(reads.get(7)).toMatchObject({ seq: 6, n: 6 })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told(wire)).toEqual([6])
  reads.wrote(7, { seq: 10, n: 10 })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(told(wire)).toEqual([6])
})

test('an own message that comes again after going back is not read by that', async () => {
  const { reads } = await open()
  reads.take(at(9))
  reads.take(at(4, 2))
  reads.wrote(7, { seq: 8, n: 8 })
  expect(reads.get(7)).toMatchObject({ seq: 4, version: 2 })
  reads.wrote(7, { seq: 10, n: 10 })
  expect(reads.get(7)).toMatchObject({ seq: 10, version: 2 })
})

test('what could not be told is told when the connection is back, and what is refused is not', async () => {
  const { reads, wire } = await open()
  reads.mark(7, { seq: 4, n: 4 })
  await vi.advanceTimersByTimeAsync(1_000)
  await wire.drop()
  wire.up = true
  reads.flush()
  expect(told(wire)).toEqual([4, 4])
  await wire.last(MarkRead).reply({ ok: false, error: { code: 'rate_limited', message: '' } })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told(wire)).toEqual([4, 4, 4])
  await wire.last(MarkRead).reply({ ok: false, error: { code: 'not_found', message: '' } })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(told(wire)).toEqual([4, 4, 4])
})

test('what is to be unread again is what the server makes of it, and is not undone by what waited', async () => {
  const { reads, wire } = await open()
  reads.take(at(3))
  reads.mark(7, { seq: 6, n: 6 })
  const done = reads.markUnread(7, 5)
  await wire.last(MarkUnread).reply({ ok: true, ...at(4, 2) })
  await done
  await vi.advanceTimersByTimeAsync(5_000)
  expect(told(wire)).toEqual([])
  expect(reads.get(7)).toMatchObject({ seq: 4, version: 2 })
  const refused = reads.markUnread(7, 1).catch((error: Error) => error.message)
  await wire.last(MarkUnread).reply({ ok: false, error: { code: 'busy', message: 'later' } })
  await flush()
  expect(await refused).toBe('later')
})

test('mentions are counted until the room is read', async () => {
  const { reads } = await open()
  reads.take(at(3, 1, 2))
  reads.named(7, 10)
  expect(reads.get(7)?.mentions).toBe(3)
  reads.mark(7, { seq: 10, n: 10 })
  expect(reads.get(7)?.mentions).toBe(0)
})

test('a mention is counted once, whether it comes before the server has counted it or after', async () => {
  const { reads } = await open()
  reads.named(7, 10)
  reads.named(7, 2)
  reads.take(at(3, 1, 2))
  expect(reads.get(7)?.mentions).toBe(3)
  for (const seq of [8, 10, 11]) reads.named(7, seq)
  expect(reads.get(7)?.mentions).toBe(4)
  reads.take({ ...at(3, 1, 3), head: head(10) })
  expect(reads.get(7)?.mentions).toBe(4)
  // What the server said before that is told late.
  reads.take(at(3, 1, 2))
  expect(reads.get(7)?.mentions).toBe(4)
  reads.mark(7, { seq: 10, n: 10 })
  expect(reads.get(7)?.mentions).toBe(1)
})
