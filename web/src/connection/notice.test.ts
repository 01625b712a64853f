import { type ClientState, Refused } from 'parley-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { backFor, offlineAfter, quietFor, watchNotice } from './notice'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function watch(network = true) {
  let state: ClientState = { phase: 'up' }
  let tell: (state: ClientState) => void = () => undefined
  const become = (next: ClientState) => {
    state = next
    tell(next)
  }
  const client = {
    get state() {
      return state
    },
    watch(watcher: typeof tell) {
      tell = watcher
      return () => undefined
    },
  }
  const notice = watchNotice(client, () => network)
  return {
    said: () => notice.state.getState(),
    cut: () => become({ phase: 'connecting' }),
    up: () => become({ phase: 'up' }),
    stop: () => become({ phase: 'stopped', error: new Refused({ code: 'tooMany', message: '' }) }),
  }
}

test('a short cut is not worth a word', () => {
  const connection = watch()
  connection.cut()
  vi.advanceTimersByTime(quietFor - 1)
  connection.up()
  vi.advanceTimersByTime(60_000)
  expect(connection.said()).toBe('none')
})

test('a longer one is named, then called offline, and its end is told for a moment', () => {
  const connection = watch()
  connection.cut()
  vi.advanceTimersByTime(quietFor)
  expect(connection.said()).toBe('connecting')
  connection.cut()
  vi.advanceTimersByTime(offlineAfter - quietFor)
  expect(connection.said()).toBe('offline')
  connection.up()
  expect(connection.said()).toBe('back')
  vi.advanceTimersByTime(backFor)
  expect(connection.said()).toBe('none')
})

test('without a network it is offline at once', () => {
  const connection = watch(false)
  connection.cut()
  vi.advanceTimersByTime(quietFor)
  expect(connection.said()).toBe('offline')
})

test('a new cut while the return is told begins anew', () => {
  const connection = watch()
  connection.cut()
  vi.advanceTimersByTime(quietFor)
  connection.up()
  connection.cut()
  vi.advanceTimersByTime(quietFor)
  expect(connection.said()).toBe('connecting')
})

test('what was stopped says so until somebody tries again', () => {
  const connection = watch()
  connection.stop()
  vi.advanceTimersByTime(60_000)
  expect(connection.said()).toBe('stopped')
  connection.cut()
  expect(connection.said()).toBe('connecting')
  connection.up()
  expect(connection.said()).toBe('back')
})
