import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cursor, FakeWire, head, message, room } from '../test/wire.js'
import { Client, type ClientState } from './client.js'
import { Refused } from './error.js'

let wire: FakeWire
let client: Client
let asked: (string | undefined)[]
let token: (refused?: string) => string | Promise<string>

const out = () => new Refused({ code: 'unauthorized', message: 'Sign in.' })
const phase = (): ClientState['phase'] => client.state.phase

beforeEach(async () => {
  vi.useFakeTimers()
  wire = new FakeWire()
  asked = []
  token = (refused) => (refused === undefined ? 'first' : `better than ${refused}`)
  client = new Client({
    url: 'http://server',
    wire: wire.open,
    resumable: true,
    token: (refused) => {
      asked.push(refused)
      return token(refused)
    },
  })
  await vi.advanceTimersByTimeAsync(0)
})
afterEach(() => {
  client.close()
  vi.useRealTimers()
})

async function refuse(code = 'unauthorized') {
  wire.events?.failed({ code, message: code })
  await vi.advanceTimersByTimeAsync(0)
}

test('comes back after a cut with growing, bounded waits', async () => {
  wire.connect()
  wire.cut()
  const waits: number[] = []
  for (let i = 0; i < 9; i++) {
    const before = wire.tokens.length
    const begun = Date.now()
    while (wire.tokens.length === before) await vi.advanceTimersByTimeAsync(50)
    waits.push(Date.now() - begun)
    wire.events?.failed(undefined)
  }
  expect(waits[0]).toBeLessThanOrEqual(550)
  expect(Math.max(...waits)).toBeLessThanOrEqual(20_050)
  expect(waits.at(-1)).toBeGreaterThanOrEqual(10_000)
})

test('a connection that holds resets the waits, one that breaks at once does not', async () => {
  wire.connect()
  for (let i = 0; i < 5; i++) {
    wire.cut()
    await vi.advanceTimersByTimeAsync(20_000)
    wire.connect()
  }
  wire.cut()
  await vi.advanceTimersByTimeAsync(1_000)
  const before = wire.tokens.length
  await vi.advanceTimersByTimeAsync(20_000)
  expect(wire.tokens).toHaveLength(before + 1)
  wire.connect()
  await vi.advanceTimersByTimeAsync(6_000)
  wire.cut()
  await vi.advanceTimersByTimeAsync(500)
  expect(wire.tokens).toHaveLength(before + 2)
})

test('a wake does not wait', async () => {
  wire.connect()
  wire.cut()
  client.wake()
  await vi.advanceTimersByTimeAsync(0)
  expect(wire.tokens).toHaveLength(2)
})

test('an attempt that hangs is given up when the network is back, one that has just begun is not', async () => {
  await vi.advanceTimersByTimeAsync(4_000)
  client.wake()
  await vi.advanceTimersByTimeAsync(0)
  expect(wire.tokens).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(2_000)
  client.wake()
  await vi.advanceTimersByTimeAsync(0)
  expect(wire.tokens).toHaveLength(2)
  expect(wire.disconnects).toBe(1)
})

test('who signs in again waits for no attempt that was made before, also not for its token', async () => {
  token = () => 'signed in again'
  client.resume()
  await vi.advanceTimersByTimeAsync(0)
  expect(wire.tokens).toEqual(['first', 'signed in again'])

  let late = (_token: string) => {}
  wire.events?.failed(undefined)
  token = () =>
    new Promise((tell) => {
      late = tell
    })
  await vi.advanceTimersByTimeAsync(1_000)
  token = () => 'and again'
  client.resume()
  late('too late')
  await vi.advanceTimersByTimeAsync(0)
  expect(wire.tokens.slice(2)).toEqual(['and again'])
})

test('after a sleep the old connection is given up, and a new one made at once', async () => {
  wire.connect()
  client.wake()
  expect(phase()).toBe('up')
  wire.quiet = 60_000
  client.wake()
  expect(phase()).toBe('connecting')
  await vi.advanceTimersByTimeAsync(0)
  expect(wire.tokens).toHaveLength(2)
})

test('a token that is refused is exchanged at once, a new one that is refused too only later', async () => {
  await refuse()
  expect(wire.tokens).toEqual(['first', 'better than first'])
  await refuse()
  expect(wire.tokens).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(asked.at(-1)).toBe('better than first')
  wire.connect()
  expect(phase()).toBe('up')
})

test('a question that finds the token refused has it exchanged', async () => {
  wire.connect()
  const answer = client.ask('markRead', {})
  const refusal = { ok: false, error: { code: 'unauthorized', message: '' } }
  wire.take('markRead').answer(refusal)
  expect(await answer).toEqual(refusal)
  await vi.advanceTimersByTimeAsync(0)
  expect(wire.take('authenticate').payload).toEqual({ token: 'better than first' })
})

test('a new token that the live connection does not take leads to a new one', async () => {
  wire.connect()
  wire.events?.event('problem', { code: 'expiring', message: '', reconnect: true })
  await vi.advanceTimersByTimeAsync(0)
  wire.take('authenticate').answer({ ok: false, error: { code: 'unauthorized', message: '' } })
  expect(phase()).toBe('connecting')
  expect(asked).toHaveLength(2)
})

test('a question without an answer is not asked again', async () => {
  expect(await client.ask('typing', {})).toBeUndefined()
  wire.connect()
  const answer = client.ask('typing', {})
  wire.cut()
  expect(await answer).toBeUndefined()
})

test('whoever is not let in any more only stops, and goes on when they are', async () => {
  wire.connect()
  const general = client.join(1, { since: '0' })
  wire.take('leaveRoom').answer({ ok: true })
  wire.receive(message(1))
  wire.take('joinRoom').answer({ ok: true, room, head: head(1), more: false })
  const sent = general.send('kept')
  wire.take('sendMessage')
  token = () => {
    throw out()
  }
  wire.events?.event('problem', { code: 'revoked', message: '', reconnect: false })
  wire.cut()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(client.state).toMatchObject({ phase: 'stopped', error: { code: 'unauthorized' } })
  const before = asked.length
  client.wake()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(before)

  token = () => 'signed in again'
  client.resume()
  await vi.advanceTimersByTimeAsync(0)
  wire.connect()
  const rejoin = wire.take('joinRoom')
  expect(rejoin.payload).toEqual({ roomId: 1, since: cursor(1) })
  rejoin.answer({ ok: true, room, head: head(1), more: false })
  const again = wire.take('sendMessage')
  expect(again.payload.retry).toBe(true)
  again.answer({ ok: true, id: 'id', seq: 3, cursor: cursor(3), at: 0 })
  expect(await sent).toMatchObject({ seq: 3 })
})

test('a session that ends while the token is renewed stops at once', async () => {
  wire.connect()
  token = () => {
    throw out()
  }
  wire.events?.event('problem', { code: 'expiring', message: '', reconnect: true })
  await vi.advanceTimersByTimeAsync(0)
  expect(phase()).toBe('stopped')
})

test('what connecting again cannot help stops, and says why', async () => {
  wire.connect()
  wire.events?.event('problem', { code: 'tooMany', message: 'Too many tabs.', reconnect: false })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(client.state).toMatchObject({
    phase: 'stopped',
    error: { code: 'tooMany', message: 'Too many tabs.' },
  })
  expect(wire.tokens).toHaveLength(1)
})

test('a server that cannot be reached for a token is tried again', async () => {
  wire.connect()
  wire.cut()
  token = () => {
    throw new Error('offline')
  }
  await vi.advanceTimersByTimeAsync(1_000)
  expect(wire.tokens).toHaveLength(1)
  token = () => 'later'
  await vi.advanceTimersByTimeAsync(2_000)
  expect(wire.tokens).toEqual(['first', 'later'])
})

test('close ends it for good', async () => {
  wire.connect()
  client.close()
  client.resume()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(wire.tokens).toHaveLength(1)
  expect(phase()).toBe('ended')
})
