import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cursor, FakeWire, head, message, room } from '../test/wire.js'
import { Client } from './client.js'
import type { Event, SyncAck } from './protocol.js'
import type { SubscribeOptions, Subscription } from './subscription.js'

let wire: FakeWire
let client: Client
/** What the listeners took, and how the phases went. */
let taken: string[]

/** A page of the person's rooms, on which nobody looks. */
const pages: SyncAck[] = []

async function open(synced = false) {
  client?.close()
  wire = new FakeWire()
  taken = []
  pages.length = 0
  client = new Client({
    url: 'http://server',
    token: () => 'token',
    wire: wire.open,
    ...(synced && { synced: (page) => pages.push(page) }),
  })
  await vi.advanceTimersByTimeAsync(0)
  wire.connect()
}

beforeEach(async () => {
  vi.useFakeTimers()
  await open()
})
afterEach(() => {
  client.close()
  vi.useRealTimers()
})

function subscribe(options: SubscribeOptions, roomId = 1): Subscription {
  return client.subscribe(roomId, options, {
    take: ({ kind, seq, to }: Event, live) => {
      taken.push(`${kind} ${seq ?? to ?? ''}${live ? ' live' : ''}`)
    },
    changed: ({ phase }) => taken.push(phase),
  })
}

/** Follows a room, and is live behind these events. */
function live(options: SubscribeOptions, ...events: Partial<Event>[]): Subscription {
  const subscription = subscribe(options)
  wire.take('leaveRoom').answer({ ok: true })
  wire.receive(...events)
  wire.take('joinRoom').answer({ ok: true, room, head: head(events.length), more: false })
  expect(subscription.phase).toBe('live')
  taken.length = 0
  return subscription
}

async function cutAndConnect() {
  wire.cut()
  await vi.advanceTimersByTimeAsync(1_000)
  wire.connect()
}

test('what was missed is told from what happens', () => {
  const subscription = subscribe({ start: { latest: 50 } })
  wire.take('leaveRoom').answer({ ok: true })
  wire.receive(message(1))
  wire.take('joinRoom').answer({ ok: true, room, head: head(1), more: false })
  wire.receive(message(2), { seq: 3, cursor: cursor(3), kind: 'void' })
  expect(taken).toEqual(['clearing', 'joining', 'message 1', 'live', 'message 2 live', 'void 3 live'])
  expect(subscription).toMatchObject({ head: head(1), cursor: cursor(3), room })
})

test('it joins without waiting for the answer that it has left', () => {
  subscribe({ start: { latest: 50 } })
  expect(wire.asked.map(({ event }) => event)).toEqual(['leaveRoom', 'joinRoom'])
})

test('leaving that is refused for now is tried again before anything is taken', async () => {
  subscribe({ start: { latest: 50 } })
  wire.take('leaveRoom').answer({ ok: false, error: { code: 'rate_limited', message: '', retryAfter: 2 } })
  const late = wire.take('joinRoom')
  wire.receive(message(1))
  late.answer({ ok: true, room, head: head(1), more: false })
  expect(taken).toEqual(['clearing', 'away'])
  await vi.advanceTimersByTimeAsync(2_000)
  wire.take('leaveRoom').answer({ ok: true })
  wire.receive(message(1))
  wire.take('joinRoom').answer({ ok: true, room, head: head(1), more: false })
  expect(taken.slice(2)).toEqual(['clearing', 'joining', 'message 1', 'live'])
})

test('a preview makes nobody a member until it is none any more', () => {
  const subscription = live({ start: { latest: 50 }, preview: true }, message(1))
  subscription.preview(false)
  expect(wire.take('joinRoom').payload).toEqual({ roomId: 1, since: cursor(1) })
  subscription.preview(true)
  expect(wire.take('joinRoom').payload).toEqual({ roomId: 1, since: cursor(1), preview: true })
})

describe('what a program has kept', () => {
  const held = { seq: 3, cursor: cursor(3) }

  test('is gone on with, without a hole', async () => {
    const subscription = subscribe({ start: { latest: 50 }, held })
    const asked = wire.take('joinRoom')
    expect(asked.payload).toEqual({ roomId: 1, since: cursor(3) })
    wire.receive(message(3), message(5), message(4), message(5))
    asked.answer({ ok: true, room, head: head(5), more: false })
    expect(taken).toEqual(['joining', 'message 4', 'message 5', 'live'])
    expect(subscription.cursor).toBe(cursor(5))
  })

  test('is caught up with in the first sync', async () => {
    await open(true)
    wire.take('sync').answer({ ok: true, caughtUp: [], rooms: [] })
    client.close()
    await open(true)
    wire.cut()
    subscribe({ start: { latest: 50 }, held, skips: true })
    await vi.advanceTimersByTimeAsync(30_000)
    wire.asked.length = 0
    wire.connect()
    expect(wire.take('sync').payload).toEqual({ rooms: [{ roomId: 1, since: cursor(3) }] })
  })

  test('is forgotten when the server does not know it', async () => {
    subscribe({ start: { latest: 20 }, held })
    wire.take('joinRoom').answer({ ok: true, reset: { reason: 'history', head: head(2) } })
    expect(taken).toEqual(['joining', 'away', 'reset '])
    await vi.advanceTimersByTimeAsync(15_000)
    wire.take('leaveRoom').answer({ ok: true })
    const asked = wire.take('joinRoom')
    expect(asked.payload).toEqual({ roomId: 1, latest: 20 })
    wire.receive(message(1), message(2))
    asked.answer({ ok: true, room, head: head(2), more: false })
    expect(taken.slice(-3)).toEqual(['message 1', 'message 2', 'live'])
  })
})

test('after many parts the rest is skipped, where it may be', async () => {
  live({ start: { latest: 20 }, skips: true }, message(1))
  await cutAndConnect()
  for (let part = 2; part <= 5; part++) {
    const asked = wire.take('joinRoom')
    expect(asked.payload).toEqual({ roomId: 1, since: cursor(part - 1) })
    wire.receive(message(part))
    asked.answer({ ok: true, room, head: head(900), more: true })
  }
  const last = wire.take('joinRoom')
  expect(last.payload).toEqual({ roomId: 1, latest: 20 })
  wire.receive({ kind: 'gap', from: 6, to: 880 }, message(881))
  last.answer({ ok: true, room, head: head(881), more: false })
  expect(taken.slice(-3)).toEqual(['gap 880', 'message 881', 'live'])
})

test('where nothing may be skipped the parts go on', async () => {
  live({ start: { since: '0' } }, message(1))
  await cutAndConnect()
  for (let part = 2; part <= 12; part++) {
    const asked = wire.take('joinRoom')
    expect(asked.payload.since).toBe(cursor(part - 1))
    wire.receive(message(part))
    asked.answer({ ok: true, room, head: head(900), more: true })
  }
})

test('a refusal for good is told, and can be tried again', () => {
  const subscription = subscribe({})
  wire.take('leaveRoom').answer({ ok: true })
  wire.take('joinRoom').answer({ ok: false, error: { code: 'forbidden', message: 'No.' } })
  expect(subscription).toMatchObject({ phase: 'refused', error: { code: 'forbidden' } })
  subscription.up()
  wire.take('leaveRoom').answer({ ok: true })
  wire.take('joinRoom').answer({ ok: true, room, head: head(4), more: false })
  expect(subscription).toMatchObject({ phase: 'live', error: undefined, cursor: cursor(4) })
})

describe('a number that is missing', () => {
  test('and never comes has the room begin anew, deaf to the subscription before', async () => {
    const subscription = live({ start: { latest: 50 } }, message(1), message(2), message(3))
    wire.receive(message(5))
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(15_000)
      wire.take('joinRoom').answer({ ok: true, room, head: head(5), more: false })
    }
    expect(taken).toContain('reset ')
    await vi.advanceTimersByTimeAsync(15_000)
    taken.length = 0
    // The earlier subscription still sends: not the first of the new one.
    wire.receive(message(6))
    wire.take('leaveRoom').answer({ ok: true })
    const asked = wire.take('joinRoom')
    expect(asked.payload).toEqual({ roomId: 1, latest: 50 })
    wire.receive(...[1, 2, 3, 4, 5, 6].map(message))
    asked.answer({ ok: true, room, head: head(6), more: false })
    expect(taken).toEqual(['joining', ...[1, 2, 3, 4, 5, 6].map((seq) => `message ${seq}`), 'live'])
    expect(subscription.cursor).toBe(cursor(6))
  })

  test('at the end of a catch-up is asked for', async () => {
    live({ start: { latest: 50 } }, message(1))
    await cutAndConnect()
    wire.receive(message(2))
    wire.take('joinRoom').answer({ ok: true, room, head: head(4), more: false })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(wire.take('joinRoom').payload).toEqual({ roomId: 1, since: cursor(2) })
  })
})

test('resets again and again are no busy loop', async () => {
  live({ start: { latest: 50 } }, message(1))
  wire.receive({ kind: 'reset', reason: 'history', head: head(2) })
  let joins = 0
  for (let passed = 0; passed < 30_000; passed += 100) {
    await vi.advanceTimersByTimeAsync(100)
    const asked = wire.asked.splice(0)
    for (const { event, answer } of asked) {
      if (event === 'joinRoom') joins++
      answer(event === 'leaveRoom' ? { ok: true } : { ok: true, reset: { reason: 'history', head: head(2) } })
    }
  }
  expect(joins).toBeGreaterThan(3)
  expect(joins).toBeLessThan(15)
})

describe('a sync', () => {
  const listed = { ok: true, caughtUp: [], rooms: [] }

  async function synced() {
    await open(true)
    wire.take('sync').answer(listed)
  }

  test('asks for the list after each connect, page by page', async () => {
    await open(true)
    const first = wire.take('sync')
    expect(first.payload).toEqual({})
    first.answer({ ...listed, rooms: [room], next: 7 })
    const second = wire.take('sync')
    expect(second.payload).toEqual({ after: 7 })
    second.answer(listed)
    expect(pages.map(({ rooms }) => rooms.length)).toEqual([1, 0])
    expect(wire.asked).toEqual([])
  })

  test('catches up everything that may skip, what is preferred first; the others join behind it', async () => {
    await synced()
    const one = live({ start: { latest: 50 }, skips: true }, message(1))
    const two = subscribe({ skips: true }, 2)
    wire.take('leaveRoom').answer({ ok: true })
    wire.take('joinRoom').answer({ ok: true, room: { ...room, id: 2 }, head: head(8), more: false })
    const bot = client.join(3)
    wire.take('leaveRoom').answer({ ok: true })
    wire.take('joinRoom').answer({ ok: true, room: { ...room, id: 3 }, head: head(3), more: false })
    one.prefer()
    await cutAndConnect()
    const asked = wire.take('sync')
    expect(asked.payload).toEqual({
      rooms: [
        { roomId: 1, since: cursor(1) },
        { roomId: 2, since: cursor(8) },
      ],
    })
    expect(wire.asked).toEqual([])
    wire.receive(message(2), { ...message(9), roomId: 2 })
    asked.answer({
      ...listed,
      caughtUp: [
        { roomId: 1, joined: true, head: head(2) },
        { roomId: 2, joined: false, more: true },
      ],
    })
    expect(one.phase).toBe('live')
    expect(wire.take('joinRoom').payload).toEqual({ roomId: 2, since: cursor(9) })
    expect(wire.take('joinRoom').payload).toEqual({ roomId: 3, since: cursor(3) })
    expect([two.phase, bot.phase]).toEqual(['joining', 'joining'])
  })

  test.each([
    ['a reset', { joined: false, reset: { reason: 'history', head: head(9) } }, 'away', ['reset ', 'away']],
    [
      'a refusal for good',
      { joined: false, error: { code: 'not_found', message: '' } },
      'refused',
      ['refused'],
    ],
    ['one for now', { joined: false, error: { code: 'unavailable', message: '' } }, 'away', ['away']],
    ['a hole', { joined: true, head: head(5) }, 'away', ['away']],
  ])('has the room take %s', async (_, caughtUp, phase, told) => {
    await synced()
    const subscription = live({ start: { latest: 50 }, skips: true }, message(1))
    await cutAndConnect()
    taken.length = 0
    wire.take('sync').answer({ ...listed, caughtUp: [{ roomId: 1, ...caughtUp }] })
    expect(subscription.phase).toBe(phase)
    expect(new Set(taken)).toEqual(new Set(told))
  })

  test('that fails lets the rooms join by themselves, and the list is asked for again', async () => {
    await synced()
    live({ start: { latest: 50 }, skips: true }, message(1))
    await cutAndConnect()
    wire.take('sync').answer({ ok: false, error: { code: 'unavailable', message: '', retryAfter: 3 } })
    wire.take('joinRoom').answer({ ok: true, room, head: head(1), more: false })
    await vi.advanceTimersByTimeAsync(3_000)
    const again = wire.take('sync')
    expect(again.payload).toEqual({})
    // The server joins direct rooms by itself, from its present head on.
    again.answer({ ...listed, caughtUp: [{ roomId: 1, joined: true, head: head(2) }] })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(wire.take('joinRoom').payload).toEqual({ roomId: 1, since: cursor(1) })
  })

  test('whose connection is lost is forgotten', async () => {
    await open(true)
    const late = wire.take('sync')
    await cutAndConnect()
    late.answer({ ...listed, rooms: [room] })
    wire.take('sync').answer(listed)
    expect(pages.map(({ rooms }) => rooms)).toEqual([[]])
  })

  test('brings events of rooms that nothing here has joined', async () => {
    await synced()
    const heard: number[] = []
    client.on<Event>('receiveMessage', ({ roomId }) => heard.push(roomId))
    live({ skips: true })
    wire.receive(message(1), { ...message(4), roomId: 2 })
    expect(heard).toEqual([2])
  })
})
