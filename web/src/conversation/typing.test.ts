import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { room } from '../testing/events'
import { Writers, Writing } from './typing'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const notice = (userId: number, stopped = false) => ({
  roomId: room,
  userId,
  userName: `P${userId}`,
  ...(stopped && { stopped }),
})

test('somebody writes until six seconds after the last notice, until they stop, or until they have said it', () => {
  const writers = new Writers(() => undefined)
  writers.heard(notice(1))
  writers.heard(notice(2))
  vi.advanceTimersByTime(4_000)
  writers.heard(notice(1))
  expect(writers.names).toEqual(['P1', 'P2'])
  vi.advanceTimersByTime(2_000)
  expect(writers.names).toEqual(['P1'])
  writers.heard(notice(2))
  writers.heard(notice(1, true))
  expect(writers.names).toEqual(['P2'])
  writers.gone(2)
  expect(writers.names).toEqual([])
})

test('one is heard writing at most every three seconds, and when one gives it up', () => {
  const told: string[] = []
  const writing = new Writing((stopped) => told.push(stopped ? 'stopped' : 'writes'))
  writing.wrote('')
  for (const text of ['h', 'he', 'hel']) writing.wrote(text)
  expect(told).toEqual(['writes'])
  vi.advanceTimersByTime(3_000)
  writing.wrote('hell')
  writing.wrote(' ')
  writing.wrote('')
  expect(told).toEqual(['writes', 'writes', 'stopped'])
  writing.wrote('again')
  writing.sent()
  writing.stopped()
  expect(told).toEqual(['writes', 'writes', 'stopped', 'writes'])
})
