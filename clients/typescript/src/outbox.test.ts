import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cursor } from '../test/wire.js'
import { type Draft, droppable, type Keep, Outbox, type Outgoing } from './outbox.js'
import type { ErrorInfo, Event, Refusal, SendAck } from './protocol.js'

type Answer = SendAck | Refusal

/** What was sent; the test answers when it likes, or has no answer come. */
interface Sent {
  event: string
  payload: { cid: string; messageText?: string; targetSeq?: number; retry?: boolean }
  answer(answer: Answer | undefined): void
}

const room = 7

/** Kept is a {@link Keep} that a former program has left. */
class Kept implements Keep {
  readonly items = new Map<string, Outgoing>()

  save(outgoing: Outgoing): void {
    this.items.set(outgoing.cid, outgoing)
  }

  drop({ cid }: Pick<Outgoing, 'cid'>): void {
    this.items.delete(cid)
  }
}

/** Server takes what an outbox sends. */
class Server {
  readonly sends: Sent[] = []
  readonly keep: Kept
  readonly outbox: Outbox
  #open = false

  constructor(keep = new Kept()) {
    this.keep = keep
    this.outbox = new Outbox(
      {
        roomId: room,
        keep,
        open: () => this.#open,
        ask: (event, payload, answer) => {
          this.sends.push({ event, payload: payload as Sent['payload'], answer })
        },
      },
      [...keep.items.values()],
    )
  }

  static opened(keep?: Kept): Server {
    const server = new Server(keep)
    server.open()
    return server
  }

  open(): void {
    this.#open = true
    this.outbox.opened()
  }

  close(): void {
    this.#open = false
  }

  say(text: string): string {
    return this.outbox.add({ event: 'sendMessage', text }).cid
  }

  get last(): Sent {
    return this.sends.at(-1) as Sent
  }

  /** What was sent, in its order, and whether as a retry. */
  get said(): string[] {
    return this.sends.map(({ payload }) => `${payload.messageText}${payload.retry ? ' again' : ''}`)
  }

  get phases(): string[] {
    return this.outbox.list.map((one) => `${'text' in one ? one.text : one.target} ${one.phase}`)
  }
}

const own = (seq: number, cid: string): Event => ({
  kind: 'message',
  roomId: room,
  seq,
  id: `id-${seq}`,
  cursor: cursor(seq),
  at: 1,
  cid,
})
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

test('messages go one at a time, in their order', () => {
  const server = Server.opened()
  server.say('one')
  server.say('two')
  expect(server.said).toEqual(['one'])
  server.last.answer(ok(1))
  expect(server.said).toEqual(['one', 'two'])
  expect(server.phases).toEqual(['one sent', 'two sending'])
})

test('nothing is sent while closed, everything in order once open', () => {
  const server = new Server()
  server.say('one')
  server.say('two')
  expect(server.sends).toEqual([])
  server.open()
  server.last.answer(ok(1))
  server.last.answer(ok(2))
  expect(server.said).toEqual(['one', 'two'])
})

describe.each(['unknown', 'busy', 'rate_limited', 'unavailable', 'internal', 'unauthorized'])(
  'after %s',
  (code) => {
    test('the same cid is sent again, with retry, before anything behind it', async () => {
      const server = Server.opened()
      const cid = server.say('one')
      server.say('two')
      server.last.answer(refuse(code))
      expect(server.sends).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(2_000)
      expect(server.said).toEqual(['one', 'one again'])
      expect(server.last.payload.cid).toBe(cid)
    })
  },
)

test('the wait that the server names is kept', async () => {
  const server = Server.opened()
  server.say('one')
  server.last.answer(refuse('rate_limited', { retryAfter: 7.5 }))
  await vi.advanceTimersByTimeAsync(7_499)
  expect(server.sends).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(server.sends).toHaveLength(2)
})

test('waits without a named time grow up to a bound', async () => {
  const server = Server.opened()
  server.say('one')
  const waits: number[] = []
  for (let i = 0; i < 10; i++) {
    const begun = Date.now()
    const before = server.sends.length
    server.last.answer(refuse('busy'))
    while (server.sends.length === before) await vi.advanceTimersByTimeAsync(100)
    waits.push(Date.now() - begun)
  }
  expect(waits[0]).toBeLessThanOrEqual(400)
  expect(waits.at(-1)).toBeGreaterThanOrEqual(7_500)
  expect(Math.max(...waits)).toBeLessThanOrEqual(15_100)
})

describe.each(['invalid', 'forbidden', 'not_found', 'conflict', 'cid_conflict', 'too_large', 'gone'])(
  'after %s',
  (code) => {
    test('the message has failed, and the next one goes', () => {
      const server = Server.opened()
      server.say('one')
      server.say('two')
      server.last.answer(refuse(code))
      expect(server.phases).toEqual(['one failed', 'two sending'])
    })
  },
)

test('what is refused for now says why and until when, and nothing of it once it is on its way again', () => {
  const server = Server.opened()
  server.say('one')
  server.last.answer(refuse('rate_limited', { retryAfter: 8 }))
  expect(server.outbox.list[0]?.refused).toEqual({ code: 'rate_limited', until: Date.now() + 8_000 })
  vi.advanceTimersByTime(8_000)
  expect(server.phases).toEqual(['one sending'])
  expect(server.outbox.list[0]?.refused).toBeUndefined()
  // Whether an answer that was lost was a refusal, nobody knows.
  server.last.answer(undefined)
  expect(server.phases).toEqual(['one waiting'])
  expect(server.outbox.list[0]?.refused).toBeUndefined()
})

test('a failed message is tried again as a new one, behind the others', () => {
  const server = Server.opened()
  const cid = server.say('one')
  server.say('two')
  server.last.answer(refuse('forbidden'))
  server.outbox.retry(cid)
  expect(server.phases).toEqual(['two sending', 'one waiting'])
  expect(server.outbox.list[1]?.cid).not.toBe(cid)
})

test('a failed message can be deleted, one that may have been sent cannot', () => {
  const server = Server.opened()
  const cid = server.say('one')
  const behind = server.say('two')
  server.outbox.drop(cid)
  expect(server.phases).toEqual(['one sending', 'two waiting'])
  server.outbox.drop(behind)
  expect(server.phases).toEqual(['one sending'])
  server.last.answer(refuse('invalid'))
  server.outbox.drop(cid)
  expect(server.phases).toEqual([])
})

describe('a lost connection', () => {
  test('holds everything back until it is open again', async () => {
    const server = Server.opened()
    const cid = server.say('one')
    server.say('two')
    server.close()
    server.last.answer(undefined)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(server.sends).toHaveLength(1)
    server.open()
    expect(server.last.payload).toMatchObject({ messageText: 'one', cid, retry: true })
  })

  test('that opens again before the loss was noticed sends nothing twice at a time', async () => {
    const server = Server.opened()
    server.say('one')
    server.close()
    server.open()
    expect(server.sends).toHaveLength(1)
    server.last.answer(undefined)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(server.sends).toHaveLength(2)
  })
})

describe('the event of a message', () => {
  test('before its answer removes it, and the answer adds nothing', () => {
    const server = Server.opened()
    const cid = server.say('one')
    server.outbox.seen(own(9, cid))
    expect(server.phases).toEqual([])
    server.last.answer(ok(1))
    expect(server.phases).toEqual([])
    expect(server.keep.items.size).toBe(0)
  })

  test('after its answer leaves it in sight until then', () => {
    const server = Server.opened()
    const cid = server.say('one')
    server.last.answer(ok(9))
    expect(server.phases).toEqual(['one sent'])
    server.outbox.passed(8)
    expect(server.phases).toEqual(['one sent'])
    server.outbox.seen(own(9, cid))
    expect(server.phases).toEqual([])
  })

  test('that was left out by a gap is passed', () => {
    const server = Server.opened()
    server.say('one')
    server.last.answer(ok(9))
    server.outbox.passed(9)
    expect(server.phases).toEqual([])
  })

  test('during a catch-up saves the retry', () => {
    const server = Server.opened()
    const cid = server.say('one')
    server.close()
    server.last.answer(undefined)
    server.outbox.seen(own(9, cid))
    server.open()
    expect(server.sends).toHaveLength(1)
  })
})

describe('what another run of the program has kept', () => {
  test('is sent in its order, as tried if it was', () => {
    const before = Server.opened()
    const cid = before.say('one')
    before.say('two')

    const after = new Server(before.keep)
    expect(after.phases).toEqual(['one waiting', 'two waiting'])
    after.open()
    expect(after.last.payload).toMatchObject({ messageText: 'one', cid, retry: true })
    after.last.answer(ok(1))
    expect(after.said).toEqual(['one again', 'two'])
    after.last.answer(ok(2))
    expect(new Server(before.keep).phases).toEqual([])
  })

  test('is kept as tried before it leaves', () => {
    const server = new Server()
    const cid = server.say('one')
    expect(server.keep.items.get(cid)).toMatchObject({ phase: 'waiting', tried: false })
    server.open()
    expect(server.keep.items.get(cid)).toMatchObject({ phase: 'sending', tried: true })
  })

  test('and has failed is still there', () => {
    const before = Server.opened()
    before.say('one')
    before.last.answer(refuse('forbidden'))
    expect(new Server(before.keep).phases).toEqual(['one failed'])
  })

  test('goes when another program has sent it', async () => {
    const server = Server.opened()
    const cid = server.say('one')
    const decided = expect(server.outbox.decided(cid)).rejects.toMatchObject({ name: 'Undecided', cid })
    server.outbox.elsewhere(cid)
    await decided
    expect(server.phases).toEqual([])
    server.last.answer(refuse('invalid'))
    expect(server.keep.items.size).toBe(0)
  })
})

test('changes wait in the same line as messages, and outlive the program', () => {
  const changes: Draft[] = [
    { event: 'editMessage', target: 4, text: 'better' },
    { event: 'deleteMessage', target: 5 },
  ]
  const before = new Server()
  before.say('one')
  for (const draft of changes) before.outbox.add(draft)

  const server = Server.opened(before.keep)
  for (const seq of [7, 8, 9]) server.last.answer(ok(seq))
  expect(server.sends.map(({ event, payload: { cid: _, ...payload } }) => [event, payload])).toEqual([
    ['sendMessage', { roomId: room, messageText: 'one' }],
    ['editMessage', { roomId: room, targetSeq: 4, messageText: 'better' }],
    ['deleteMessage', { roomId: room, targetSeq: 5 }],
  ])
  server.outbox.passed(8)
  expect(server.phases).toEqual(['5 sent'])
})

test('whoever waits for something is told what became of it', async () => {
  const server = Server.opened()
  const [one, two, three] = ['one', 'two', 'three'].map((text) => server.say(text)) as [
    string,
    string,
    string,
  ]
  const answered = expect(server.outbox.decided(one)).resolves.toMatchObject({ seq: 4 })
  const refused = expect(server.outbox.decided(two)).rejects.toMatchObject({ code: 'gone' })
  const arrived = expect(server.outbox.decided(three)).resolves.toMatchObject({ seq: 5, id: 'id-5' })
  server.last.answer(ok(4))
  server.last.answer(refuse('gone'))
  server.outbox.seen(own(5, three))
  await Promise.all([answered, refused, arrived])
})

test('what may have reached the server cannot be taken back', () => {
  expect(droppable({ phase: 'waiting', tried: false })).toBe(true)
  expect(droppable({ phase: 'waiting', tried: true })).toBe(false)
  expect(droppable({ phase: 'sending', tried: true })).toBe(false)
  expect(droppable({ phase: 'failed', tried: true })).toBe(true)
})
