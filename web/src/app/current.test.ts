import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Session, signedInKey } from '../connection/session'
import { flush } from '../testing/defer'
import { ann } from '../testing/events'
import { MemoryStorage } from '../testing/storage'
import { FakeWire } from '../testing/wire'
import { currentWorkspace } from './current'

/** A device whose memory never says anything. */
vi.mock('../conversation/shelf', () => ({
  Shelf: class {
    load = () => new Promise(() => undefined)
  },
}))
vi.mock('../conversation/shelving', () => ({ keep: () => undefined }))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** The page of somebody who is remembered. */
function opened() {
  const storage = new MemoryStorage()
  storage.setItem(signedInKey, JSON.stringify(ann))
  const session = new Session(storage)
  return { session, current: currentWorkspace(session, { url: '', wire: new FakeWire().open }, storage) }
}

test('U-84 without a word from the server a slow device has ten seconds to say what was seen', async () => {
  const { current } = opened()
  await vi.advanceTimersByTimeAsync(9_999)
  expect(current.getState()).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(current.getState()).toBeDefined()
  current.getState()?.stop()
})

test('U-84 behind the answer of the server it has one', async () => {
  const { session, current } = opened()
  await flush()
  session.state.setState({ phase: 'in', user: ann }, true)
  await vi.advanceTimersByTimeAsync(999)
  expect(current.getState()).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(current.getState()).toBeDefined()
  current.getState()?.stop()
})
