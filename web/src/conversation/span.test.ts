import { expect, test } from 'vitest'
import { messages } from '../testing/events'
import { around, bounded, inside, latest, newer, older, type Span, spanSize } from './span'

const events = messages(1, 1000)
const ends = (span: Span, of = events) => {
  const shown = inside(of, span)
  return [shown[0]?.seq, shown.at(-1)?.seq, shown.length]
}

test('the latest span follows the end', () => {
  const span = latest(events)
  expect(ends(span)).toEqual([901, 1000, 100])
  expect(ends(span, messages(1, 1005))).toEqual([901, 1005, 105])
})

test('a short room is shown whole', () => {
  expect(ends(latest(messages(1, 3)), messages(1, 3))).toEqual([1, 3, 3])
  expect(inside([], latest([]))).toEqual([])
})

test('going up and down again never leaves a hole and never grows past its size', () => {
  let span: Span | undefined = latest(events)
  let last = span
  const seen = new Set<number | undefined>()
  while (span) {
    last = span
    for (const event of inside(events, span)) seen.add(event.seq)
    expect(inside(events, span).length).toBeLessThanOrEqual(spanSize)
    span = older(events, span)
  }
  expect(seen.size).toBe(1000)
  expect(ends(last)[0]).toBe(1)

  span = last
  while (span) {
    last = span
    const before = inside(events, span)
    span = newer(events, span)
    if (!span) break
    const after = inside(events, span)
    expect(after.length).toBeLessThanOrEqual(spanSize)
    expect(after[0]?.seq).toBeLessThanOrEqual((before.at(-1)?.seq ?? 0) + 1)
  }
  expect(last.to).toBeUndefined()
  expect(ends(last)[1]).toBe(1000)
})

test('a page that comes in above does not move what is shown', () => {
  const held = messages(951, 1000)
  const span = latest(held)
  const more = messages(901, 1000)
  expect(ends(span, more)).toEqual([951, 1000, 50])
  expect(ends(older(more, span) as Span, more)).toEqual([901, 1000, 100])
})

test('growth is cut at the top for a reader at the bottom', () => {
  const span: Span = { from: 700, to: undefined }
  expect(ends(bounded(events, span, true))).toEqual([851, 1000, 150])
  expect(bounded(events, latest(events), true)).toEqual(latest(events))
})

test('growth is cut at the bottom for a reader above', () => {
  const span: Span = { from: 500, to: undefined }
  expect(ends(bounded(events, span, false))).toEqual([500, 749, spanSize])
  const small: Span = { from: 700, to: undefined }
  expect(bounded(events, small, false)).toBe(small)
})

test('around a place stand as many events above as below, and the end is followed when it is near', () => {
  const events = messages(1, 1_000)
  expect(around(events, 500)).toEqual({ from: 400, to: 599 })
  expect(around(events, 3)).toEqual({ from: 1, to: 102 })
  expect(around(events, 990)).toEqual({ from: 890, to: undefined })
})
