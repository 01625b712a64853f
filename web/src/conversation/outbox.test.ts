import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ErrorInfo, Refusal, SendAck } from '../protocol/types'
import { defer, flush } from '../testing/defer'
import { ann, cursor, room } from '../testing/events'
import { MemoryStorage } from '../testing/storage'
import { LocalKeep } from './keep'
import { Outbox } from './outbox'

type Answer = SendAck | Refusal

interface Sent {
  text: string
  cid: string
  retry: boolean
  answer(answer: Answer): Promise<void>
  lose(): Promise<void>
}

/** Server takes what the outbox sends; the test answers when it likes. */
class Server {
  readonly sends: Sent[] = []
  readonly keep: LocalKeep
  readonly outbox: Outbox

  constructor(storage = new MemoryStorage()) {
    this.keep = new LocalKeep(storage, ann.id)
    this.outbox = new Outbox(room, this.keep.load(), {
      keep: this.keep,
      changed: () => undefined,
      send: (message, retry) => {
        const { promise, resolve, reject } = defer<Answer>()
        const settled = () => promise.then(flush, flush)
        this.sends.push({
          text: message.text,
          cid: message.cid,
          retry,
          answer: (answer) => {
            resolve(answer)
            return settled()
          },
          lose: () => {
            reject(new Error('lost'))
            return settled()
          },
        })
        return promise
      },
    })
  }

  get last(): Sent {
    return this.sends.at(-1) as Sent
  }

  get phases(): string[] {
    return this.outbox.messages.map(({ text, phase }) => `${text} ${phase}`)
  }
}

const ok = (seq: number): SendAck => ({ ok: true, id: `id-${seq}`, seq, cursor: cursor(seq), at: 1 })
const refuse = (code: string, more: Partial<ErrorInfo> = {}): Refusal => ({
  ok: false,
  error: { code, message: code, ...more },
})

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('messages go one at a time, in their order', async () => {
  const server = new Server()
  server.outbox.open()
  server.outbox.add('one')
  server.outbox.add('two')
  expect(server.sends.map(({ text }) => text)).toEqual(['one'])
  await server.last.answer(ok(1))
  expect(server.sends.map(({ text, retry }) => [text, retry])).toEqual([
    ['one', false],
    ['two', false],
  ])
  expect(server.phases).toEqual(['one sent', 'two sending'])
})

test('nothing is sent while closed, everything in order once open', async () => {
  const server = new Server()
  server.outbox.add('one')
  server.outbox.add('two')
  expect(server.sends).toEqual([])
  server.outbox.open()
  await server.last.answer(ok(1))
  await server.last.answer(ok(2))
  expect(server.sends.map(({ text }) => text)).toEqual(['one', 'two'])
})

describe.each(['unknown', 'busy', 'rate_limited', 'unavailable', 'internal', 'unauthorized'])(
  'after %s',
  (code) => {
    test('the same cid is sent again, with retry, before anything behind it', async () => {
      const server = new Server()
      server.outbox.open()
      const { cid } = server.outbox.add('one')
      server.outbox.add('two')
      await server.last.answer(refuse(code))
      expect(server.sends).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(2_000)
      expect(server.sends.map(({ text, retry }) => [text, retry])).toEqual([
        ['one', false],
        ['one', true],
      ])
      expect(server.last.cid).toBe(cid)
    })
  },
)

test('the wait that the server names is kept', async () => {
  const server = new Server()
  server.outbox.open()
  server.outbox.add('one')
  await server.last.answer(refuse('rate_limited', { retryAfter: 7.5 }))
  await vi.advanceTimersByTimeAsync(7_499)
  expect(server.sends).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(server.sends).toHaveLength(2)
})

test('waits without a named time grow up to a bound', async () => {
  const server = new Server()
  server.outbox.open()
  server.outbox.add('one')
  const waits: number[] = []
  for (let i = 0; i < 10; i++) {
    const begun = Date.now()
    const before = server.sends.length
    await server.last.answer(refuse('busy'))
    while (server.sends.length === before) await vi.advanceTimersByTimeAsync(100)
    waits.push(Date.now() - begun)
  }
  expect(waits[0]).toBeLessThanOrEqual(1_100)
  expect(waits.at(-1)).toBeGreaterThanOrEqual(15_000)
  expect(Math.max(...waits)).toBeLessThanOrEqual(30_100)
})

describe.each(['invalid', 'forbidden', 'not_found', 'conflict', 'cid_conflict', 'too_large', 'gone'])(
  'after %s',
  (code) => {
    test('the message has failed, and the next one goes', async () => {
      const server = new Server()
      server.outbox.open()
      server.outbox.add('one')
      server.outbox.add('two')
      await server.last.answer(refuse(code))
      expect(server.phases).toEqual(['one failed', 'two sending'])
    })
  },
)

test('a failed message is tried again as a new one, behind the others', async () => {
  const server = new Server()
  server.outbox.open()
  const { cid } = server.outbox.add('one')
  server.outbox.add('two')
  await server.last.answer(refuse('forbidden'))
  server.outbox.retry(cid)
  expect(server.phases).toEqual(['two sending', 'one waiting'])
  expect(server.outbox.messages[1]?.cid).not.toBe(cid)
})

test('a failed message can be deleted, one that may have been sent cannot', async () => {
  const server = new Server()
  server.outbox.open()
  const { cid } = server.outbox.add('one')
  const behind = server.outbox.add('two')
  server.outbox.delete(cid)
  expect(server.phases).toEqual(['one sending', 'two waiting'])
  server.outbox.delete(behind.cid)
  expect(server.phases).toEqual(['one sending'])
  await server.last.answer(refuse('invalid'))
  server.outbox.delete(cid)
  expect(server.phases).toEqual([])
})

describe('a lost connection', () => {
  test('holds everything back until it is open again', async () => {
    const server = new Server()
    server.outbox.open()
    const { cid } = server.outbox.add('one')
    server.outbox.add('two')
    server.outbox.close()
    await server.last.lose()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(server.sends).toHaveLength(1)
    server.outbox.open()
    expect(server.last).toMatchObject({ text: 'one', cid, retry: true })
  })

  test('that opens again before the loss was noticed sends nothing twice at a time', async () => {
    const server = new Server()
    server.outbox.open()
    server.outbox.add('one')
    server.outbox.close()
    server.outbox.open()
    expect(server.sends).toHaveLength(1)
    await server.last.lose()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(server.sends).toHaveLength(2)
  })
})

describe('the event of a message', () => {
  test('before its answer removes it, and the answer adds nothing', async () => {
    const server = new Server()
    server.outbox.open()
    const { cid } = server.outbox.add('one')
    server.outbox.seen(cid)
    expect(server.phases).toEqual([])
    await server.last.answer(ok(1))
    expect(server.phases).toEqual([])
    expect(server.keep.load()).toEqual([])
  })

  test('after its answer leaves it in sight until then', async () => {
    const server = new Server()
    server.outbox.open()
    const { cid } = server.outbox.add('one')
    await server.last.answer(ok(9))
    expect(server.phases).toEqual(['one sent'])
    server.outbox.passed(8)
    expect(server.phases).toEqual(['one sent'])
    server.outbox.seen(cid)
    expect(server.phases).toEqual([])
  })

  test('that was left out by a gap is passed', async () => {
    const server = new Server()
    server.outbox.open()
    server.outbox.add('one')
    await server.last.answer(ok(9))
    server.outbox.passed(9)
    expect(server.phases).toEqual([])
  })

  test('during a catch-up saves the retry', async () => {
    const server = new Server()
    server.outbox.open()
    const { cid } = server.outbox.add('one')
    server.outbox.close()
    await server.last.lose()
    server.outbox.seen(cid)
    server.outbox.open()
    expect(server.sends).toHaveLength(1)
  })
})

describe('after a reload', () => {
  test('what was waiting or under way is sent, in order, as tried if it was', async () => {
    const storage = new MemoryStorage()
    const before = new Server(storage)
    before.outbox.open()
    const { cid } = before.outbox.add('one')
    before.outbox.add('two')

    const after = new Server(storage)
    expect(after.phases).toEqual(['one waiting', 'two waiting'])
    after.outbox.open()
    expect(after.last).toMatchObject({ text: 'one', cid, retry: true })
    await after.last.answer(ok(1))
    expect(after.last).toMatchObject({ text: 'two', retry: false })
    await after.last.answer(ok(2))
    expect(new Server(storage).phases).toEqual([])
  })

  test('what has failed is still there', async () => {
    const storage = new MemoryStorage()
    const before = new Server(storage)
    before.outbox.open()
    before.outbox.add('one')
    await before.last.answer(refuse('forbidden'))
    expect(new Server(storage).phases).toEqual(['one failed'])
  })

  test('another person finds nothing', () => {
    const storage = new MemoryStorage()
    new Server(storage).outbox.add('one')
    expect(new LocalKeep(storage, ann.id + 1).load()).toEqual([])
  })
})

test('a storage that is full loses nothing of the page', async () => {
  const storage = new MemoryStorage()
  storage.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  const server = new Server(storage)
  server.outbox.open()
  server.outbox.add('one')
  await server.last.answer(ok(1))
  expect(server.phases).toEqual(['one sent'])
})
