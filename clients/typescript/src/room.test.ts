import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cursor, FakeWire, head, message, room } from '../test/wire.js'
import { Client } from './client.js'
import { Ended, Refused, Undecided } from './error.js'
import type { Event } from './protocol.js'

let wire: FakeWire
let client: Client

beforeEach(async () => {
  vi.useFakeTimers()
  wire = new FakeWire()
  client = new Client({ url: 'http://server', token: () => 'token', wire: wire.open })
  await vi.advanceTimersByTimeAsync(0)
  expect(wire.tokens).toEqual(['token'])
  wire.connect()
})

afterEach(() => {
  client.close()
  vi.useRealTimers()
})

/** Joins and catches up with these events. */
function joined(start: { since: string } | { latest: number }, ...events: Partial<Event>[]) {
  const joining = client.join(1, start)
  wire.take('leaveRoom').answer({ ok: true })
  const asked = wire.take('joinRoom')
  expect(asked.payload).toEqual({ roomId: 1, ...start })
  wire.receive(...events)
  asked.answer({ ok: true, room, head: head(events.length), more: false })
  expect(joining.phase).toBe('live')
  return joining
}

async function seqs(of: { next(): Promise<Event> }, n: number) {
  const list = []
  for (let i = 0; i < n; i++) list.push((await of.next()).seq)
  return list
}

test('events come once and in order, and resume behind the last one that came', async () => {
  const general = joined({ since: '0' }, message(1), message(2))
  wire.receive(message(2), message(3))
  expect(await seqs(general, 3)).toEqual([1, 2, 3])
  expect(general.cursor).toBe(cursor(3))
  wire.cut()
  expect(general.phase).toBe('away')
  await vi.advanceTimersByTimeAsync(1_000)
  wire.connect()
  const again = wire.take('joinRoom')
  expect(again.payload).toEqual({ roomId: 1, since: cursor(3) })
  wire.receive(message(3), message(4))
  again.answer({ ok: true, room, head: head(5), more: true })
  const rest = wire.take('joinRoom')
  expect(rest.payload.since).toBe(cursor(4))
  wire.receive(message(5))
  rest.answer({ ok: true, room, head: head(5), more: false })
  expect(await seqs(general, 2)).toEqual([4, 5])
})

test('what an earlier subscription sends is not taken for the first event', async () => {
  const joining = client.join(1, { latest: 2 })
  wire.receive(message(9))
  wire.take('leaveRoom').answer({ ok: true })
  const asked = wire.take('joinRoom')
  wire.receive({ kind: 'gap', from: 1, to: 6 }, message(7), message(8), message(9))
  asked.answer({ ok: true, room, head: head(9), more: false, gap: { from: 1, to: 6 } })
  expect((await joining.next()).kind).toBe('gap')
  expect(await seqs(joining, 3)).toEqual([7, 8, 9])
})

test('a missing number is asked for again', async () => {
  const general = joined({ since: '0' }, message(1))
  wire.receive(message(3))
  expect(general.phase).toBe('away')
  await vi.advanceTimersByTimeAsync(1_000)
  const asked = wire.take('joinRoom')
  expect(asked.payload.since).toBe(cursor(1))
  wire.receive(message(2), message(3))
  asked.answer({ ok: true, room, head: head(3), more: false })
  expect(await seqs(general, 3)).toEqual([1, 2, 3])
})

test('a reset is told, and the room begins anew with its latest messages', async () => {
  const joining = client.join(1, { since: '5.OTHER1' })
  wire.take('leaveRoom').answer({ ok: true })
  wire.take('joinRoom').answer({ ok: true, reset: { reason: 'history', head: head(2) } })
  await vi.advanceTimersByTimeAsync(1_000)
  wire.take('leaveRoom').answer({ ok: true })
  const asked = wire.take('joinRoom')
  expect(asked.payload).toEqual({ roomId: 1, latest: 50 })
  wire.receive(message(1), message(2))
  asked.answer({ ok: true, room, head: head(2), more: false })
  expect(await joining.next()).toMatchObject({ kind: 'reset', reason: 'history' })
  expect(await seqs(joining, 2)).toEqual([1, 2])
})

test('voids and hidden events only move the cursor', async () => {
  const general = joined({ since: '0' }, message(1), { seq: 2, cursor: cursor(2), kind: 'void' }, message(3))
  expect(await seqs(general, 2)).toEqual([1, 3])
  expect(general.cursor).toBe(cursor(3))
})

test('a slow reader loses nothing', async () => {
  const general = joined({ since: '0' }, message(1))
  for (let seq = 2; seq <= 1_500; seq++) wire.receive(message(seq))
  expect(general.phase).toBe('paused')
  wire.take('leaveRoom').answer({ ok: true })
  expect(await seqs(general, 500)).toHaveLength(500)
  const asked = wire.take('joinRoom')
  expect(asked.payload.since).toBe(cursor(1_000))
  for (let seq = 1_001; seq <= 1_400; seq++) wire.receive(message(seq))
  asked.answer({ ok: true, room, head: head(1_400), more: false })
  expect(await seqs(general, 900)).toEqual(Array.from({ length: 900 }, (_, i) => 501 + i))
})

test('one message at a time, the same cid until it is decided', async () => {
  const general = joined({ since: '0' }, message(1))
  const first = general.send('first')
  const second = general.edit(1, 'second', { cid: 'mine' })
  const asked = wire.take('sendMessage')
  expect(wire.asked).toHaveLength(0)
  expect(asked.payload.retry).toBeUndefined()
  asked.answer({ ok: false, error: { code: 'busy', message: 'wait', retryAfter: 3 } })
  await vi.advanceTimersByTimeAsync(2_900)
  expect(wire.asked).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(200)
  const again = wire.take('sendMessage')
  expect(again.payload).toEqual({ ...asked.payload, retry: true })
  wire.cut()
  await vi.advanceTimersByTimeAsync(1_000)
  wire.connect()
  wire.take('joinRoom').answer({ ok: true, room, head: head(1), more: false })
  wire.take('sendMessage').answer({ ok: true, id: 'id', seq: 2, cursor: cursor(2), at: 0 })
  expect(await first).toMatchObject({ seq: 2 })
  wire
    .take('editMessage')
    .answer({ ok: false, error: { code: 'forbidden', message: 'Only its author can edit a message.' } })
  await expect(second).rejects.toMatchObject({ code: 'forbidden', final: true })
})

test('a room that ends decides what it can', async () => {
  const general = joined({ since: '0' }, message(1))
  const onItsWay = expect(general.send('first', { cid: 'first' })).rejects.toMatchObject({ cid: 'first' })
  const waiting = expect(general.send('second')).rejects.toBeInstanceOf(Ended)
  wire.events?.event('roomRemoved', { roomId: 1 })
  await onItsWay
  await waiting
  expect((await general.next()).seq).toBe(1)
  await expect(general.next()).rejects.toMatchObject({ reason: 'removed' })
  await expect(general.send('third')).rejects.toBeInstanceOf(Ended)
  expect(new Undecided('c', new Ended('closed')).cause).toBeInstanceOf(Ended)
})

test('a room that is not there refuses', async () => {
  const nowhere = client.join(1)
  wire.take('leaveRoom').answer({ ok: true })
  wire.take('joinRoom').answer({ ok: false, error: { code: 'not_found', message: 'There is no such room.' } })
  await expect(nowhere.joined()).rejects.toBeInstanceOf(Refused)
  expect(client.join(1)).toBeDefined() // it may be there by now
})

test('a token that is about to end is renewed on the live connection, one that was refused for the next', async () => {
  client.close()
  let made = 0
  wire = new FakeWire()
  const asked: (string | undefined)[] = []
  client = new Client({
    url: 'http://server',
    wire: wire.open,
    token: (refused) => {
      asked.push(refused)
      return refused === undefined && made > 0 ? `token ${made}` : `token ${++made}`
    },
  })
  await vi.advanceTimersByTimeAsync(0)
  wire.connect()
  wire.events?.event('problem', { code: 'expiring', message: '', reconnect: false })
  await vi.advanceTimersByTimeAsync(0)
  const renewal = wire.take('authenticate')
  expect(renewal.payload).toEqual({ token: 'token 2' })
  renewal.answer({ ok: true })
  wire.events?.event('problem', { code: 'revoked', message: '', reconnect: false })
  wire.cut()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(wire.tokens).toEqual(['token 1', 'token 3'])
  expect(asked).toEqual([undefined, 'token 1', 'token 2'])
})

test('the same token again ends the client, and so does a server that wants it gone', async () => {
  wire.cut()
  await vi.advanceTimersByTimeAsync(1_000)
  wire.events?.failed({ code: 'unauthorized', message: 'Sign in.' })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(client.state).toMatchObject({ phase: 'ended', error: { code: 'unauthorized' } })

  const other = new FakeWire()
  const second = new Client({ url: 'http://server', token: () => 'token', wire: other.open })
  await vi.advanceTimersByTimeAsync(0)
  other.connect()
  other.events?.event('problem', { code: 'tooMany', message: 'Close one first.', reconnect: false })
  expect(second.state).toMatchObject({ phase: 'ended', error: { code: 'tooMany' } })
  await expect(second.connected()).rejects.toMatchObject({ code: 'tooMany' })
})

test('a stopping server is left alone as long as it asks for', async () => {
  wire.events?.event('draining', { reconnectAfter: 5 })
  wire.cut()
  await vi.advanceTimersByTimeAsync(4_900)
  expect(wire.tokens).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(wire.tokens).toHaveLength(2)
})
