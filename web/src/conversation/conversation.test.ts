import { Client } from 'parley-client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  DeleteMessage,
  EditMessage,
  type Event,
  GetMessages,
  GetOnlineUsers,
  JoinRoom,
  ReceiveMessage,
  type RoomInfo,
  SendMessage,
} from '../protocol/types'
import { flush } from '../testing/defer'
import { ann, bo, cursor, gap, head, message, messages, room } from '../testing/events'
import { MemoryStorage } from '../testing/storage'
import { FakeWire } from '../testing/wire'
import { Conversation, type Interest } from './conversation'
import { LocalKeep } from './keep'

/** Stage is a conversation between a fake wire and a test that watches. */
class Stage {
  readonly wire = new FakeWire()
  readonly client: Client
  readonly conversation: Conversation
  readonly arrived: string[] = []
  readonly joined: RoomInfo[] = []
  read: number | undefined

  constructor(interest: Interest = 'read', storage = new MemoryStorage()) {
    const keep = new LocalKeep(storage, ann.id)
    this.client = new Client({ url: '', token: () => 'token', wire: this.wire.open })
    stages.push(this)
    this.conversation = new Conversation(room, interest, keep.load(), {
      client: this.client,
      keep,
      userId: ann.id,
      readUpTo: () => this.read,
      joined: (info) => this.joined.push(info),
      met: () => undefined,
      arrived: ({ seq }, live) => this.arrived.push(`${seq}${live ? ' live' : ''}`),
    })
  }

  /** The connection is there, or there again. */
  connect(): Promise<void> {
    return this.wire.accept()
  }

  disconnect(): Promise<void> {
    return this.wire.drop()
  }

  get view() {
    return this.conversation.state.getState()
  }

  get seqs() {
    return this.view.events.map((event) => event.seq)
  }

  get join() {
    return this.wire.last(JoinRoom)
  }

  get joins() {
    return this.wire.asked.filter(({ event }) => event === JoinRoom).map(({ payload }) => payload)
  }

  async receive(...events: Event[]) {
    for (const event of events) await this.wire.say(ReceiveMessage, event)
    await vi.advanceTimersByTimeAsync(250)
  }

  /** The server's answer to a join: these events, and then the acknowledgement. */
  async caughtUp(events: Event[], last: number, more = false) {
    await this.receive(...events)
    await this.join.reply({ ok: true, head: head(last), more })
  }

  /** A room that is live with the messages 1 … last. */
  static async live(last: number, interest: Interest = 'read') {
    const stage = new Stage(interest)
    await stage.connect()
    await stage.caughtUp(messages(1, last), last)
    return stage
  }
}

const stages: Stage[] = []

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  for (const { client } of stages.splice(0)) client.close()
  vi.useRealTimers()
})

describe('joining', () => {
  test('the first time asks for the latest, afterwards from the cursor', async () => {
    const stage = await Stage.live(3)
    expect(stage.joins).toEqual([{ roomId: room, latest: 50 }])
    expect(stage.view).toMatchObject({ phase: 'live', complete: true, hasOlder: false })
    await stage.disconnect()
    await stage.connect()
    expect(stage.joins[1]).toEqual({ roomId: room, since: cursor(3) })
  })

  test('shows a catch-up as a whole, and tells it from what is live', async () => {
    const stage = new Stage()
    await stage.connect()
    await flush()
    await stage.receive(...messages(1, 3))
    expect(stage.seqs).toEqual([])
    await stage.join.reply({ ok: true, head: head(3), more: false })
    await stage.receive(message(4))
    expect(stage.seqs).toEqual([1, 2, 3, 4])
    expect(stage.arrived).toEqual(['1', '2', '3', '4 live'])
  })

  test('to listen asks for nothing that was before', async () => {
    const stage = new Stage('listen')
    await stage.connect()
    await stage.caughtUp([], 40)
    expect(stage.joins).toEqual([{ roomId: room }])
    await stage.receive(message(41))
    expect(stage.seqs).toEqual([41])
    expect(stage.view.hasOlder).toBe(true)
  })

  test('as a preview sends nothing until the person joins', async () => {
    const stage = await Stage.live(2, 'preview')
    expect(stage.joins).toEqual([{ roomId: room, latest: 50, preview: true }])
    stage.conversation.say('hello')
    expect(stage.wire.count(SendMessage)).toBe(0)
    stage.conversation.want('read')
    expect(stage.join.payload).toEqual({ roomId: room, since: cursor(2) })
    await stage.caughtUp([], 2)
    expect(stage.wire.count(SendMessage)).toBe(1)
  })

  test('that is refused for good says why', async () => {
    const stage = new Stage()
    await stage.connect()
    await stage.join.reply({ ok: false, error: { code: 'forbidden', message: 'No.' } })
    expect(stage.view).toMatchObject({ phase: 'refused', refusal: { code: 'forbidden', message: 'No.' } })
    stage.conversation.tryAgain()
    expect(stage.joins).toHaveLength(2)
  })

  test('that is refused for now is tried again when the server says', async () => {
    const stage = new Stage()
    await stage.connect()
    await stage.join.reply({ ok: false, error: { code: 'unavailable', message: '', retryAfter: 3 } })
    await vi.advanceTimersByTimeAsync(2_999)
    expect(stage.joins).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(stage.joins).toHaveLength(2)
  })

  test('owes what the person has not read', async () => {
    const stage = new Stage()
    stage.read = 30
    await stage.connect()
    await stage.caughtUp([gap(1, 50), ...messages(51, 60)], 60)
    expect(stage.view.complete).toBe(false)
    const page = stage.conversation.loadOlder()
    await stage.wire.last(GetMessages).reply({ ok: true, events: messages(21, 50), moreBefore: true })
    await page
    expect(stage.view.complete).toBe(true)
  })
})

describe('a lost number', () => {
  test('is asked for again from the cursor', async () => {
    const stage = await Stage.live(3)
    await stage.receive(message(5))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(stage.join.payload).toEqual({ roomId: room, since: cursor(3) })
    expect(stage.view.complete).toBe(false)
    await stage.caughtUp(messages(4, 5), 5)
    expect(stage.seqs).toEqual([1, 2, 3, 4, 5])
    expect(stage.view.complete).toBe(true)
  })

  test('that never comes ends in a new beginning', async () => {
    const stage = await Stage.live(3)
    await stage.receive(message(5))
    for (let i = 0; i < 4; i++) {
      await stage.join.reply({ ok: true, head: head(5), more: false })
      await vi.advanceTimersByTimeAsync(20_000)
    }
    expect(stage.join.payload).toEqual({ roomId: room, latest: 50 })
  })
})

describe('a reset', () => {
  test('of a live room forgets it and takes the latest', async () => {
    const stage = await Stage.live(3)
    await stage.receive({ kind: 'reset', roomId: room, reason: 'numbering', head: head(2) })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(stage.join.payload).toEqual({ roomId: room, latest: 50 })
    await stage.caughtUp(messages(1, 2), 2)
    expect(stage.seqs).toEqual([1, 2])
  })

  test('as an answer too, with its event before it', async () => {
    const stage = await Stage.live(3)
    await stage.disconnect()
    await stage.connect()
    const reset = { reason: 'history', head: head(2) }
    await stage.receive({ kind: 'reset', roomId: room, ...reset })
    await stage.join.reply({ ok: true, more: false, reset })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(stage.joins).toHaveLength(3)
    expect(stage.join.payload).toEqual({ roomId: room, latest: 50 })
  })
})

describe('sending', () => {
  test('waits for the room to be live, and the event replaces the message', async () => {
    const stage = new Stage()
    const { cid } = stage.conversation.say('hello')
    await stage.connect()
    expect(stage.wire.count(SendMessage)).toBe(0)
    await stage.caughtUp([message(1)], 1)
    expect(stage.wire.last(SendMessage).payload).toEqual({ roomId: room, messageText: 'hello', cid })
    await stage.receive(message(2, { userId: ann.id, cid }))
    expect(stage.view.outgoing).toEqual([])
    expect(stage.seqs).toEqual([1, 2])
  })

  test('after a cut comes behind the catch-up, which may prove it needless', async () => {
    const stage = await Stage.live(1)
    const { cid } = stage.conversation.say('hello')
    await stage.disconnect()
    await stage.wire.last(SendMessage).lose()
    await stage.connect()
    await stage.caughtUp([message(2, { userId: ann.id, cid })], 2)
    expect(stage.wire.count(SendMessage)).toBe(1)
    expect(stage.view.outgoing).toEqual([])
  })

  test('the same cid of another person removes nothing', async () => {
    const stage = await Stage.live(1)
    const { cid } = stage.conversation.say('hello')
    await stage.receive(message(2, { userId: bo.id, cid }))
    expect(stage.view.outgoing).toHaveLength(1)
  })

  test('answered before its event stays in sight until it comes', async () => {
    const stage = await Stage.live(1)
    const { cid } = stage.conversation.say('hello')
    await stage.wire.last(SendMessage).reply({ ok: true, id: 'id', seq: 2, cursor: cursor(2), at: 1 })
    expect(stage.view.outgoing).toMatchObject([{ cid, phase: 'sent' }])
    await stage.receive(message(2, { userId: ann.id, cid }))
    expect(stage.view.outgoing).toEqual([])
  })
})

describe('a change', () => {
  test('of a message waits in the same line, and outlives the page', async () => {
    const storage = new MemoryStorage()
    const before = new Stage('read', storage)
    before.conversation.say('first')
    before.conversation.amendments.edit(1, 'better')
    before.conversation.amendments.delete(2)

    const after = new Stage('read', storage)
    expect(after.view).toMatchObject({
      outgoing: [{ text: 'first' }],
      changes: [{ target: 1 }, { target: 2 }],
    })
    await after.connect()
    await after.caughtUp(messages(1, 2), 2)
    const ok = (seq: number) => ({ ok: true, id: 'id', seq, cursor: cursor(seq), at: 1 })
    await after.wire.last(SendMessage).reply(ok(3))
    expect(after.wire.count(DeleteMessage)).toBe(0)
    await after.wire.last(EditMessage).reply(ok(4))
    expect(after.wire.last(EditMessage).payload).toMatchObject({ targetSeq: 1, messageText: 'better' })
    await after.wire.last(DeleteMessage).reply(ok(5))
    expect(after.view.changes.map(({ phase }) => phase)).toEqual(['sent', 'sent'])
    const own = { userId: ann.id, userName: ann.name }
    await after.receive(message(3, own), {
      ...message(4, own),
      kind: 'edit',
      targetSeq: 1,
      rev: 4,
      messageText: 'better',
    })
    expect(after.view.changes).toMatchObject([{ target: 2 }])
    expect(after.view.events[0]).toMatchObject({ seq: 1, messageText: 'better' })
  })
})

describe('older pages', () => {
  test('are read one at a time, down to the beginning', async () => {
    const stage = new Stage()
    await stage.connect()
    await stage.caughtUp([gap(1, 50), ...messages(51, 60)], 60)
    const page = stage.conversation.loadOlder()
    await stage.conversation.loadOlder()
    expect(stage.wire.count(GetMessages)).toBe(1)
    expect(stage.wire.last(GetMessages).payload).toEqual({
      roomId: room,
      before: 51,
      limit: 50,
      atLeast: cursor(60),
    })
    await stage.wire.last(GetMessages).reply({ ok: true, events: messages(1, 50), moreBefore: false })
    await page
    await flush()
    expect(stage.seqs).toEqual(messages(1, 60).map(({ seq }) => seq))
    expect(stage.view).toMatchObject({ hasOlder: false, loadingOlder: false })
    await stage.conversation.loadOlder()
    expect(stage.wire.count(GetMessages)).toBe(1)
  })

  test.each([
    ['a refusal', { ok: false, error: { code: 'unavailable', message: '' } }],
    ['a page with a hole', { ok: true, events: messages(1, 40), moreBefore: false }],
  ])('%s is shown and can be tried again', async (_, answer) => {
    const stage = new Stage()
    await stage.connect()
    await stage.caughtUp([gap(1, 50), ...messages(51, 60)], 60)
    const page = stage.conversation.loadOlder()
    await stage.wire.last(GetMessages).reply(answer)
    await page
    await flush()
    expect(stage.view.olderFailed).toBe(true)
    void stage.conversation.loadOlder()
    await flush()
    expect(stage.view).toMatchObject({ olderFailed: false, loadingOlder: true })
  })
})

test('a long stream is held in bounds, unless somebody reads above its end', async () => {
  const stage = await Stage.live(1)
  for (let seq = 2; seq <= 1_600; seq += 100) await stage.receive(...messages(seq, seq + 99))
  expect(stage.view.events.length).toBeLessThanOrEqual(1_500)
  expect(stage.view).toMatchObject({ complete: true, hasOlder: true })
  const first = stage.seqs[0]
  stage.conversation.keepAll(true)
  for (let seq = 1_602; seq <= 3_100; seq += 100) await stage.receive(...messages(seq, seq + 99))
  expect(stage.seqs[0]).toBe(first)
  stage.conversation.keepAll(false)
  await flush()
  expect(stage.seqs).toHaveLength(1_000)
})

test('what was there stays in sight until what is behind a gap is here', async () => {
  const stage = await Stage.live(3)
  await stage.disconnect()
  await vi.advanceTimersByTimeAsync(1_000)
  await stage.connect()
  await stage.receive(gap(4, 500), message(501))
  expect(stage.seqs).toEqual([1, 2, 3])
  await stage.join.reply({ ok: true, head: head(501), more: false })
  await flush()
  expect(stage.seqs).toEqual([501])
  expect(stage.view).toMatchObject({ hasOlder: true, high: 501 })
})

describe('having caught up', () => {
  async function asked() {
    const stage = await Stage.live(1)
    const highs: number[] = []
    void stage.conversation.caughtUp().then((high) => highs.push(high))
    return { stage, highs }
  }

  test('is known when the server has answered, behind what it said before', async () => {
    const { stage, highs } = await asked()
    await stage.receive(message(2), message(3))
    expect(highs).toEqual([])
    await stage.wire.last(GetOnlineUsers).reply({ ok: false, error: { code: 'busy', message: '' } })
    expect(highs).toEqual([3])
  })

  test('is known after a cut when the room is live again', async () => {
    const { stage, highs } = await asked()
    await stage.disconnect()
    await vi.advanceTimersByTimeAsync(1_000)
    await stage.connect()
    await stage.receive(message(2))
    expect(highs).toEqual([])
    await stage.join.reply({ ok: true, head: head(2), more: false })
    await flush()
    expect(highs).toEqual([2])
  })
})

test('who is online is asked for, and follows the changes', async () => {
  const stage = await Stage.live(1)
  expect(stage.view.online).toBeUndefined()
  await stage.wire.last(GetOnlineUsers).reply({ ok: true, users: [ann, bo] })
  expect(stage.view.online?.map(({ name }) => name)).toEqual(['Ann', 'Bo'])
  stage.conversation.presenceChanged({
    roomId: room,
    online: [{ ...bo, id: 3, name: 'Cy', status: 'away' }],
    offline: [bo.id],
  })
  await flush()
  expect(stage.view.online?.map(({ name }) => name)).toEqual(['Ann', 'Cy'])

  // Who comes while nobody knows who was there is not everybody who is.
  stage.conversation.presenceUnknown()
  await flush()
  expect(stage.view.online).toBeUndefined()
  stage.conversation.presenceChanged({ roomId: room, online: [{ ...bo, status: 'away' }], offline: [] })
  await flush()
  expect(stage.view.online).toBeUndefined()
})

test('what is kept from an earlier page is sent as a retry', async () => {
  const storage = new MemoryStorage()
  const before = new Stage('read', storage)
  await before.connect()
  await before.caughtUp([message(1)], 1)
  const { cid } = before.conversation.say('hello')

  const after = new Stage('listen', storage)
  await after.connect()
  await after.caughtUp([], 1)
  expect(after.wire.last(SendMessage).payload).toEqual({
    roomId: room,
    messageText: 'hello',
    cid,
    retry: true,
  })
})

describe('a place in the past', () => {
  const page = (from: number, to: number, last: number) => ({
    ok: true,
    events: messages(from, to),
    asOf: last,
    head: head(last),
    moreBefore: from > 1,
    moreAfter: to < last,
  })

  async function far(): Promise<Stage> {
    const stage = new Stage('read')
    await stage.connect()
    await stage.caughtUp([gap(1, 450), ...messages(451, 500)], 500)
    const done = stage.conversation.goTo(200)
    expect(stage.wire.last(GetMessages).payload).toMatchObject({ around: 200 })
    await stage.wire.last(GetMessages).reply(page(176, 225, 500))
    expect(await done).toBe(true)
    return stage
  }

  test('is read around it, and read on until it meets the end without a hole or a copy', async () => {
    const stage = await far()
    expect(stage.view.detached).toBe(true)
    expect(stage.seqs).toEqual(messages(176, 225).map(({ seq }) => seq))
    await stage.receive(message(501))
    for (let from = 226; stage.view.detached; from += 50) {
      void stage.conversation.loadNewer()
      await stage.wire.last(GetMessages).reply(page(from, from + 49, 501))
    }
    expect(stage.seqs).toEqual(messages(176, 501).map(({ seq }) => seq))
  })

  test('is left for the present, and what is held needs no reading', async () => {
    const stage = await far()
    stage.conversation.toPresent()
    await flush()
    expect(stage.view.detached).toBe(false)
    expect(stage.seqs[0]).toBe(451)
    const asked = stage.wire.count(GetMessages)
    expect(await stage.conversation.goTo(460)).toBe(true)
    expect(stage.wire.count(GetMessages)).toBe(asked)
  })

  test('that cannot be read is not gone to', async () => {
    const stage = await Stage.live(10)
    const done = stage.conversation.goTo(4711)
    await stage.wire.last(GetMessages).reply({ ok: false, error: { code: 'busy', message: '' } })
    expect(await done).toBe(false)
    expect(stage.view.detached).toBe(false)
  })
})
