import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { oncePerFrame } from './frame'

let frames: (() => void)[]
const frame = () => {
  for (const run of frames.splice(0)) run()
}

beforeEach(() => {
  vi.useFakeTimers()
  frames = []
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run))
  vi.stubGlobal('cancelAnimationFrame', () => undefined)
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('what is asked for again and again runs once before the paint', () => {
  let runs = 0
  const show = oncePerFrame(() => runs++)
  show.soon()
  show.soon()
  expect(runs).toBe(0)
  frame()
  vi.runAllTimers()
  expect(runs).toBe(1)
  show.soon()
  frame()
  expect(runs).toBe(2)
})

test('a page that paints nothing runs it a little later', () => {
  let runs = 0
  oncePerFrame(() => runs++).soon()
  vi.advanceTimersByTime(250)
  expect(runs).toBe(1)
})

test('all that is due in a frame runs in one task, as it was asked for, once', async () => {
  const ran: string[] = []
  const first = oncePerFrame(() => {
    ran.push('first')
    queueMicrotask(() => ran.push('rendered'))
  })
  const second = oncePerFrame(() => ran.push('second'))
  first.soon()
  second.soon()
  // One callback of the browser, and what it renders behind that.
  frames.shift()?.()
  await Promise.resolve()
  expect(ran).toEqual(['first', 'second', 'rendered'])
  frame()
  vi.runAllTimers()
  expect(ran).toHaveLength(3)
})

test('what is taken back does not run, also when somebody takes it back who runs before it', () => {
  const ran: string[] = []
  const other = oncePerFrame(() => ran.push('other'))
  const first = oncePerFrame(() => {
    ran.push('first')
    other.cancel()
  })
  first.soon()
  other.soon()
  frame()
  expect(ran).toEqual(['first'])
})
