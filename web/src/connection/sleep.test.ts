import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchSleep } from './sleep'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a clock that went on without the page tells that it slept, once', async () => {
  const ticks: boolean[] = []
  const end = watchSleep((slept) => ticks.push(slept))
  await vi.advanceTimersByTimeAsync(2_000)
  vi.setSystemTime(Date.now() + 12_000)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(ticks).toEqual([false, false, true, false])
  end()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(ticks).toHaveLength(4)
})
