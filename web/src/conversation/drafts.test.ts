import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { MessageDraft, RoomInfo } from '../protocol/types'
import { type Deferred, defer, flush } from '../testing/defer'
import { head } from '../testing/events'
import { MemoryStorage } from '../testing/storage'
import { Drafts } from './drafts'

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => vi.useRealTimers())

/** What a device has told the server, to be answered by the test. */
interface Told {
  text: string
  basis: number
  answer: Deferred<object | undefined>
}

/** Device is a device of a person, with a server that the test is. */
function device(storage = new MemoryStorage(), userId = 1) {
  const told: Told[] = []
  const long = vi.fn(async () => ({ text: 'a long one', version: 50, at: 50 }))
  const drafts = new Drafts(storage, {
    ask: ((_event: string, { text, basis }: Told) => {
      const answer = defer<object | undefined>()
      told.push({ text, basis, answer })
      return answer.promise
    }) as never,
    call: long as never,
    userId,
  })
  const shown: string[] = []
  const end = drafts.attend(7, (text) => shown.push(text))
  const texts = () => told.map(({ text }) => text)
  /** The server takes what it was told last, as a version. */
  const accept = async (version: number) => {
    const { text, answer } = told.at(-1) as Told
    answer.resolve({ ok: true, roomId: 7, draft: { text, version, at: version } })
    await flush()
  }
  const refuse = async (code: string, retryAfter?: number) => {
    told
      .at(-1)
      ?.answer.resolve({ ok: false, error: { code, message: '', ...(retryAfter && { retryAfter }) } })
    await flush()
  }
  const lose = async () => {
    told.at(-1)?.answer.resolve(undefined)
    await flush()
  }
  return { drafts, storage, told, texts, shown, end, long, accept, refuse, lose }
}

const version = (text: string, version: number, at = version): { roomId: number; draft: MessageDraft } => ({
  roomId: 7,
  draft: { text, version, at },
})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

test('what was begun is there after a reload, and only for whoever began it', () => {
  const { drafts, storage } = device()
  expect(drafts.state.getState().size).toBe(0)
  drafts.set(7, 'half a sen')
  drafts.set(8, '  \n')
  drafts.set(9, 'gone')
  drafts.set(9, '')
  expect([...drafts.state.getState()]).toEqual([7])
  const again = device(storage).drafts
  expect(again.get(7)).toBe('half a sen')
  expect([...again.state.getState()]).toEqual([7])
  expect(again.get(9)).toBe('')
  expect(device(storage, 2).drafts.get(7)).toBe('')
})

test('what a page of an earlier version kept is told, whatever it looks like', async () => {
  const storage = new MemoryStorage()
  for (const text of ['half', '42', 'null', '{"a":', '{}', '"x"']) {
    storage.setItem('parley.draft.1.7', text)
    const { drafts, texts } = device(storage)
    expect(drafts.get(7)).toBe(text)
    drafts.flush()
    expect(texts()).toEqual([text])
  }
})

test('the server is told once a second of what is typed, and of nothing that it has', async () => {
  const { drafts, texts, told, accept } = device()
  for (const text of ['h', 'ha', 'hal', 'half']) drafts.set(7, text)
  expect(texts()).toEqual([])
  await pass(1_000)
  expect(texts()).toEqual(['half'])
  drafts.set(7, 'half a')
  await pass(5_000)
  expect(texts()).toEqual(['half'])
  await accept(5)
  await pass(1_000)
  expect(texts()).toEqual(['half', 'half a'])
  expect(told[1]?.basis).toBe(5)
  await accept(6)
  drafts.set(7, 'half a s')
  drafts.set(7, 'half a')
  await pass(5_000)
  drafts.flush()
  expect(texts()).toHaveLength(2)
})

test('what was written and sent within the second is told to nobody', async () => {
  const { drafts, texts } = device()
  drafts.set(7, 'quick')
  drafts.set(7, '')
  await pass(5_000)
  expect(texts()).toEqual([])
})

test('leaving the room tells at once; what is sent while that is under way is told behind it', async () => {
  const { drafts, texts, told, end, accept } = device()
  drafts.set(7, 'half')
  end()
  expect(texts()).toEqual(['half'])
  drafts.set(7, '')
  await accept(5)
  expect(drafts.get(7)).toBe('')
  await pass(1_000)
  expect(texts()).toEqual(['half', ''])
  expect(told[1]?.basis).toBe(5)
})

test('what another device writes is shown, and survives a reload', async () => {
  const { drafts, storage, shown, texts } = device()
  drafts.take(version('from the phone', 5))
  expect(shown).toEqual(['from the phone'])
  expect([...drafts.state.getState()]).toEqual([7])
  drafts.take(version('older', 4))
  expect(drafts.get(7)).toBe('from the phone')
  const again = device(storage)
  expect(again.drafts.get(7)).toBe('from the phone')
  again.drafts.take(version('', 6))
  expect(again.shown).toEqual([''])
  expect(again.drafts.state.getState().size).toBe(0)
  await pass(5_000)
  expect([...texts(), ...again.texts()]).toEqual([])
})

test('what is being typed stays, and is told on; a moment later others are shown again', async () => {
  const { drafts, shown, texts, told, accept } = device()
  drafts.set(7, 'mine')
  await pass(1_000)
  await accept(5)
  drafts.take(version('theirs', 6))
  expect(drafts.get(7)).toBe('mine')
  await pass(1_000)
  expect(texts()).toEqual(['mine', 'mine'])
  expect(told[1]?.basis).toBe(6)
  await accept(7)
  await pass(3_000)
  drafts.take(version('theirs again', 8))
  expect(shown).toEqual(['theirs again'])
})

test('nobody types any more who has gone to another window', async () => {
  const { drafts, shown, accept } = device()
  drafts.set(7, 'mine')
  await pass(1_000)
  await accept(5)
  drafts.rest()
  drafts.take(version('theirs', 6))
  expect(shown).toEqual(['theirs'])
})

test('an empty composer is filled from elsewhere, also right after sending', async () => {
  const { drafts, shown, texts, accept } = device()
  drafts.set(7, 'mine')
  await pass(1_000)
  await accept(5)
  drafts.set(7, '')
  await pass(1_000)
  await accept(6)
  drafts.take(version('theirs', 7))
  expect(shown).toEqual(['theirs'])
  await pass(5_000)
  expect(texts()).toEqual(['mine', ''])
})

test('what was written without a connection is told when there is one, over what others wrote', async () => {
  const { drafts, storage, texts, lose } = device()
  drafts.take(version('before', 5))
  drafts.set(7, 'in the tunnel')
  await pass(1_000)
  await lose()
  await pass(60_000)
  expect(texts()).toEqual(['in the tunnel'])
  // The page is loaded again meanwhile.
  const again = device(storage)
  again.drafts.flush()
  again.drafts.take(version('at the desk', 6))
  expect(again.drafts.get(7)).toBe('in the tunnel')
  await again.accept(7)
  expect(again.drafts.get(7)).toBe('in the tunnel')
  await pass(60_000)
  expect(again.texts()).toEqual(['in the tunnel'])
})

test('what took the place of another text, and was not written over it, says so', async () => {
  const apart = (device: { drafts: Drafts }) => [...device.drafts.apart.getState()]
  const phone = device()
  phone.drafts.take(version('at the', 5))
  phone.drafts.set(7, 'in the tunnel')
  await pass(1_000)
  await phone.lose()
  // It is what this device has told, without an answer, or what it has written over, or a part of it.
  phone.drafts.take(version('in the tunnel', 6))
  phone.drafts.set(7, 'in the long tunnel')
  phone.drafts.take(version('in the tunnel', 6))
  phone.drafts.take(version('long ', 7))
  phone.drafts.take(version('', 8))
  expect(apart(phone)).toEqual([])
  phone.drafts.take(version('at the desk', 9))
  expect(apart(phone)).toEqual([[7, 'at the desk']])
  expect(phone.drafts.get(7)).toBe('in the long tunnel')

  phone.drafts.add(7, 'at the desk')
  expect(phone.shown.at(-1)).toBe('in the long tunnel\n\nat the desk')
  await pass(1_000)
  expect(phone.texts().at(-1)).toBe('in the long tunnel\n\nat the desk')
})

test('an empty text that could not be told gives way to what another device wrote since', async () => {
  const { drafts, shown, lose, told, texts } = device()
  drafts.take(version('before', 5))
  drafts.set(7, '')
  await pass(1_000)
  await lose()
  drafts.take(version('before', 5))
  expect(drafts.get(7)).toBe('')
  drafts.flush()
  expect(told[1]).toMatchObject({ text: '', basis: 5 })
  // The server has not taken it away, because of what it had by then.
  told[1]?.answer.resolve({ ok: true, ...version('at the desk', 6) })
  await flush()
  expect(shown).toEqual(['before', 'at the desk'])
  await pass(60_000)
  expect(texts()).toHaveLength(2)
})

test('what this device told itself, without an answer, does not come back when it was sent', async () => {
  const { drafts, told, lose } = device()
  drafts.set(7, 'hello')
  await pass(1_000)
  drafts.set(7, '')
  await lose()
  drafts.take(version('hello', 5))
  expect(drafts.get(7)).toBe('')
  await pass(1_000)
  expect(told.at(-1)).toMatchObject({ text: '', basis: 5 })
})

test('what was sent from a device that could not take its draft away is no draft', async () => {
  const { drafts, shown, texts } = device()
  drafts.take(version('cafe\u0301 \n', 5, 500))
  drafts.said(7, 'café', 499)
  drafts.said(7, 'something else', 501)
  drafts.said(7, '', 501)
  expect(drafts.get(7)).toBe('cafe\u0301 \n')
  drafts.said(7, 'café', 500)
  expect(shown.at(-1)).toBe('')
  await pass(1_000)
  expect(texts()).toEqual([''])
  // What somebody writes again is another one.
  drafts.set(7, 'café')
  drafts.said(7, 'café', Date.now() + 1)
  expect(drafts.get(7)).toBe('café')
})

test('a list says what was begun and what was said last', () => {
  const { drafts } = device()
  const info = (changes: Partial<RoomInfo>): RoomInfo => ({
    id: 7,
    name: '',
    kind: 'group',
    members: 2,
    head: head(3),
    ...changes,
  })
  const draft = { text: 'hello', version: 5, at: 500 }
  const last = { seq: 3, userId: 2, userName: 'ben', at: 600, text: 'hello' }
  drafts.met(info({ draft, last }))
  expect(drafts.get(7)).toBe('hello')
  drafts.met(info({ draft, last: { ...last, userId: 1 } }))
  expect(drafts.get(7)).toBe('')
})

test('a page that died between sending and emptying does not offer it again', async () => {
  const storage = new MemoryStorage()
  device(storage).drafts.set(7, 'hello')
  const again = device(storage).drafts
  again.sends(7, 'hello', Date.now() - 1)
  expect(again.get(7)).toBe('hello')
  again.sends(7, 'hello', Date.now())
  expect(again.get(7)).toBe('')
  expect(device(storage).drafts.get(7)).toBe('')
})

test('a long one is asked for, once for each version', async () => {
  const { drafts, long, shown } = device()
  const draft = { text: '', version: 50, at: 50, long: true }
  drafts.take({ roomId: 7, draft })
  await flush()
  expect(shown).toEqual(['a long one'])
  drafts.take({ roomId: 7, draft })
  expect(long).toHaveBeenCalledTimes(1)
})

test('what is refused stays on this device until it is changed; who tells too much waits', async () => {
  const { drafts, texts, refuse } = device()
  drafts.set(7, 'too long')
  await pass(1_000)
  await refuse('invalid')
  await pass(60_000)
  drafts.flush()
  expect(texts()).toHaveLength(1)
  expect(drafts.get(7)).toBe('too long')
  drafts.set(7, 'shorter')
  await pass(1_000)
  expect(texts()).toHaveLength(2)
  await refuse('rate_limited', 5)
  await pass(4_000)
  expect(texts()).toHaveLength(2)
  await pass(1_000)
  expect(texts()).toHaveLength(3)
})

test('a room that one has left leaves nothing', async () => {
  const { drafts, storage, texts } = device()
  drafts.set(7, 'mine')
  drafts.forget(7)
  await pass(5_000)
  expect(texts()).toEqual([])
  expect(drafts.state.getState().size).toBe(0)
  expect(storage.length).toBe(0)
  // And begins anew, with whatever version.
  drafts.take(version('later', 1))
  expect(drafts.get(7)).toBe('later')
})

test('another tab writes, and sends, and tells the server itself', async () => {
  const here = device()
  const there = device(here.storage)
  const key = 'parley.draft.1.7'
  const passOn = () => here.drafts.storageChanged(key, here.storage.getItem(key))
  here.drafts.set(7, 'mine')
  await pass(1_000)
  await here.accept(5)
  here.drafts.rest()
  there.drafts.storageChanged(key, here.storage.getItem(key))
  there.drafts.set(7, 'theirs')
  passOn()
  expect(here.drafts.get(7)).toBe('theirs')
  await pass(1_000)
  here.drafts.take(version('their', 6))
  expect(here.drafts.get(7)).toBe('theirs')
  await pass(5_000)
  expect(here.texts()).toEqual(['mine'])
  there.drafts.set(7, '')
  passOn()
  expect(here.shown.at(-1)).toBe('')
  expect(here.drafts.state.getState().has(7)).toBe(false)
  for (const other of ['parley.draft.2.7', 'parley.draft.1.x', 'parley.outbox.1.7'])
    here.drafts.storageChanged(other, 'x')
  expect(here.drafts.state.getState().size).toBe(0)
})

test('what is being typed stays in the storage, whatever another tab puts there', () => {
  const here = device()
  const key = 'parley.draft.1.7'
  here.drafts.set(7, 'mine')
  const mine = here.storage.getItem(key)
  here.storage.setItem(key, '{"text":"theirs","version":5,"at":5,"unsent":false}')
  here.drafts.storageChanged(key, here.storage.getItem(key))
  expect(here.drafts.get(7)).toBe('mine')
  expect(here.storage.getItem(key)).toBe(mine)
})
