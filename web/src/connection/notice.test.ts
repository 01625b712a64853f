import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import type { LinkState } from './link'
import { backFor, offlineAfter, quietFor, watchNotice } from './notice'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function watch(network = true) {
  const link = createStore<LinkState>(() => ({ phase: 'up' }))
  const { state } = watchNotice(link, () => network)
  return {
    said: () => state.getState(),
    cut: (attempt = 1) => link.setState({ phase: 'connecting', attempt }, true),
    up: () => link.setState({ phase: 'up' }, true),
    stop: () => link.setState({ phase: 'stopped', code: 'tooMany', message: '' }, true),
  }
}

test('a short cut is not worth a word', () => {
  const link = watch()
  link.cut()
  vi.advanceTimersByTime(quietFor - 1)
  link.up()
  vi.advanceTimersByTime(60_000)
  expect(link.said()).toBe('none')
})

test('a longer one is named, then called offline, and its end is told for a moment', () => {
  const link = watch()
  link.cut()
  vi.advanceTimersByTime(quietFor)
  expect(link.said()).toBe('connecting')
  link.cut(2)
  vi.advanceTimersByTime(offlineAfter - quietFor)
  expect(link.said()).toBe('offline')
  link.up()
  expect(link.said()).toBe('back')
  vi.advanceTimersByTime(backFor)
  expect(link.said()).toBe('none')
})

test('without a network it is offline at once', () => {
  const link = watch(false)
  link.cut()
  vi.advanceTimersByTime(quietFor)
  expect(link.said()).toBe('offline')
})

test('a new cut while the return is told begins anew', () => {
  const link = watch()
  link.cut()
  vi.advanceTimersByTime(quietFor)
  link.up()
  link.cut()
  vi.advanceTimersByTime(quietFor)
  expect(link.said()).toBe('connecting')
})

test('what was stopped says so until somebody tries again', () => {
  const link = watch()
  link.stop()
  vi.advanceTimersByTime(60_000)
  expect(link.said()).toBe('stopped')
  link.cut()
  expect(link.said()).toBe('connecting')
  link.up()
  expect(link.said()).toBe('back')
})
