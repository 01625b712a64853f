// Against a real server, PARLEY_BIN, that is killed and restarted.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import {
  Client,
  type ClientOptions,
  type Event,
  Outbox,
  type Outgoing,
  password,
  type RoomInfo,
  register,
  type SendAck,
  type Subscription,
} from '../src/index.js'
import type { RoomChanged } from '../src/protocol.js'

const patience = 120_000

const dir = mkdtempSync(join(tmpdir(), 'parley-typescript-'))
const clients: Client[] = []
let url = ''
let server: ChildProcess | undefined

/**
 * FreePort is a port that nobody has, and nobody is given unasked: a server
 * that is killed and started again would lose one of those that systems give
 * to connections to any of them meanwhile, be it to an attempt to reach it.
 */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const probe = createServer()
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
  throw new Error('no port is free')
}

async function start(): Promise<void> {
  const bin = process.env.PARLEY_BIN
  if (!bin) throw new Error('PARLEY_BIN names no server')
  server = spawn(bin, ['serve', '--listen', url.slice('http://'.length), '--data', join(dir, 'data')], {
    stdio: 'ignore',
  })
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.ok) return
    if (server.exitCode !== null) throw new Error(`the server has ended with ${server.exitCode}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (!server || server.exitCode !== null) return
  const ended = once(server, 'exit')
  server.kill(signal)
  await ended
}

beforeAll(async () => {
  url = `http://127.0.0.1:${await freePort()}`
  await start()
}, patience)

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

afterAll(async () => {
  await stop('SIGKILL')
  rmSync(dir, { recursive: true })
})

const secret = 'correct horse battery'

async function person(name: string): Promise<Client> {
  await register(url, `${name}@example.org`, secret)
  return device(name)
}

/** One more connection of a person. */
async function device(name: string, options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = new Client({ url, token: password(url, `${name}@example.org`, secret), ...options })
  clients.push(client)
  await client.connected()
  return client
}

async function take(room: { next(): Promise<Event> }, n: number): Promise<Event[]> {
  const events: Event[] = []
  while (events.length < n) events.push(await room.next())
  return events
}

test('a conversation over kills and restarts', { timeout: patience }, async () => {
  const [ann, bob] = [await person('ann'), await person('bob')]
  const { id } = await ann.rest<RoomInfo>('POST', '/api/v1/rooms', { name: 'general' })
  const hers = ann.join(id, { since: '0' })
  const his = await bob.joinName('general', { since: '0' })
  await Promise.all([hers.joined(), his.joined()])
  const sent: string[] = []
  const decided: Promise<{ seq: number }>[] = []
  for (const round of ['kill', 'restart', 'end'] as const) {
    for (let i = 0; i < 10; i++) {
      sent.push(`${round} ${i}`)
      decided.push(hers.send(`${round} ${i}`))
    }
    await decided[decided.length - 5]
    if (round === 'end') break
    await stop(round === 'kill' ? 'SIGKILL' : 'SIGTERM')
    await start()
  }
  const acks = await Promise.all(decided)
  expect(acks.map(({ seq }) => seq)).toEqual(sent.map((_, i) => i + 3)) // behind create and join
  for (const room of [hers, his]) {
    const events = await take(room, sent.length + 2)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
    expect(events.flatMap(({ kind, messageText }) => (kind === 'message' ? [messageText] : []))).toEqual(sent)
  }
  await hers.edit(3, 'edited')
  await hers.delete(4)
  await expect(his.edit(3, 'not mine')).rejects.toMatchObject({ code: 'forbidden' })
  expect((await take(his, 2)).map(({ kind, targetSeq }) => [kind, targetSeq])).toEqual([
    ['edit', 3],
    ['delete', 4],
  ])
  const page = await his.page({ limit: 50 })
  expect(page.events.find(({ seq }) => seq === 3)).toMatchObject({ messageText: 'edited' })
  expect(page.events.find(({ seq }) => seq === 4)).toMatchObject({ deleted: true })

  // A program that was restarted goes on behind its cursor.
  his.close()
  await hers.send('while he was away')
  const back = bob.join(id, { since: his.cursor })
  expect((await back.next()).messageText).toBe('while he was away')
})

test('somebody who was signed out everywhere signs in again', { timeout: patience }, async () => {
  const cat = await person('cat')
  const { id } = await cat.rest<RoomInfo>('POST', '/api/v1/rooms', { name: 'cats' })
  const room = cat.join(id)
  await cat.rest('DELETE', '/api/v1/me/sessions')
  await room.send('here again')
  expect((await room.next()).messageText).toBe('here again')
})

test('the bot of the README, with the package as it is published', { timeout: patience }, async () => {
  const block = readFileSync(new URL('../README.md', import.meta.url), 'utf8').match(/```ts\n(.*?)```/s)?.[1]
  const program = new URL('../dist/readme.mjs', import.meta.url)
  writeFileSync(program, (block ?? '').replace('http://127.0.0.1:3000', url).replace("'general'", "'pings'"))
  await register(url, 'bot@example.org', 'beep boop beep')
  const dan = await person('dan')
  const { id } = await dan.rest<RoomInfo>('POST', '/api/v1/rooms', { name: 'pings' })
  const room = dan.join(id)
  const { seq } = await room.send('ping')
  const bot = spawn(process.execPath, [program.pathname], { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    for (;;) {
      const event = await room.next()
      if (event.messageText !== 'pong') continue
      expect(event.cid).toBe(`pong-${seq}`)
      break
    }
  } finally {
    const ended = once(bot, 'exit')
    bot.kill()
    await ended
    rmSync(program)
  }
})

/** Page is a program that shows rooms and keeps what it has to send, as a browser does. */
class Page {
  readonly lists: RoomInfo[][] = []
  readonly seen: Event[] = []
  readonly changed: RoomChanged[] = []
  readonly elsewhere: Event[] = []
  readonly kept = new Map<string, Outgoing>()
  client: Client | undefined
  subscription: Subscription | undefined
  outbox: Outbox | undefined

  async open(name: string, roomId: number): Promise<void> {
    const client = await device(name, { synced: ({ rooms }) => this.lists.push(rooms) })
    client.on<RoomChanged>('roomChanged', (change) => this.changed.push(change))
    client.on<Event>('receiveMessage', (event) => this.elsewhere.push(event))
    const listener = {
      take: (event: Event) => void this.seen.push(event),
      changed: ({ phase }: Subscription) => phase === 'live' && this.outbox?.opened(),
    }
    const subscription = client.subscribe(roomId, { start: { latest: 50 }, skips: true }, listener)
    this.outbox = new Outbox(
      {
        roomId,
        open: () => subscription.phase === 'live',
        ask: (event, payload, tell) => void client.ask<SendAck>(event, payload).then(tell),
        keep: {
          save: (outgoing) => this.kept.set(outgoing.cid, outgoing),
          drop: ({ cid }) => this.kept.delete(cid),
        },
      },
      [...this.kept.values()],
    )
    Object.assign(this, { client, subscription })
  }
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: patience / 2, interval: 20 })

test('a page with a list, whose changes outlive it and its server', { timeout: patience }, async () => {
  const eve = await person('eve')
  await register(url, 'fay@example.org', secret)
  const open = await eve.rest<RoomInfo>('POST', '/api/v1/rooms', { name: 'open' })
  const other = await eve.rest<RoomInfo>('POST', '/api/v1/rooms', { name: 'other' })
  const fay = await device('fay')
  for (const { id } of [open, other]) await fay.join(id).joined()
  const { id: fayId } = await fay.rest<{ id: number }>('GET', '/api/v1/me')
  const direct = await eve.rest<RoomInfo>('POST', '/api/v1/directs', { userId: fayId })
  fay.close()
  const hers = Object.fromEntries([open, other, direct].map(({ id }) => [id, eve.join(id)]))
  await hers[other.id]?.send('before')

  const page = new Page()
  await page.open('fay', open.id)
  await eventually(() => {
    expect(page.subscription?.phase).toBe('live')
    const listed = new Map(page.lists.flat().map((room) => [room.id, room]))
    expect([...listed.keys()].sort()).toEqual([open.id, other.id, direct.id].sort())
    expect(listed.get(other.id)?.unread).toBe(1)
  })

  // Rooms that are only listed tell that they have changed, direct ones what was said.
  await hers[other.id]?.send('something')
  await hers[direct.id]?.send('just between us')
  await eventually(() => {
    expect(page.changed.map(({ roomId, last }) => [roomId, last?.text])).toContainEqual([
      other.id,
      'something',
    ])
    expect(page.elsewhere.map(({ messageText }) => messageText)).toEqual(['just between us'])
  })

  const mine = page.outbox?.add({ event: 'sendMessage', text: 'mine' })
  await eventually(() => expect(page.outbox?.list[0]?.phase).toBe('sent'))
  const { seq = 0 } = page.outbox?.list[0] ?? {}
  expect(page.seen.some(({ cid }) => cid === mine?.cid)).toBe(true)

  // Written while the server is away, and the page is closed before it is back.
  await stop('SIGKILL')
  page.outbox?.add({ event: 'editMessage', target: seq, text: 'mine, mended' })
  page.outbox?.add({ event: 'sendMessage', text: 'and on' })
  page.client?.close()
  expect([...page.kept.values()].map(({ event }) => event)).toEqual(['editMessage', 'sendMessage'])
  await start()
  const before = page.seen.length
  await page.open('fay', open.id)
  await eventually(() => expect(page.kept.size).toBe(0))
  await eventually(() =>
    expect(
      page.seen
        .slice(before)
        .map(({ kind, messageText }) => [kind, messageText])
        .slice(-3),
    ).toEqual([
      ['message', 'mine'],
      ['edit', 'mine, mended'],
      ['message', 'and on'],
    ]),
  )
})
