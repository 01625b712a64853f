// Against a real server, PARLEY_BIN, that is killed and restarted.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Client, type Event, password, type RoomInfo, register } from '../src/index.js'

const patience = 120_000

const dir = mkdtempSync(join(tmpdir(), 'parley-typescript-'))
const clients: Client[] = []
let url = ''
let server: ChildProcess | undefined

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  return port
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

async function person(name: string): Promise<Client> {
  await register(url, `${name}@example.org`, 'correct horse battery')
  const client = new Client({ url, token: password(url, `${name}@example.org`, 'correct horse battery') })
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
