import { expect, test } from 'vitest'
import type { PageAck } from '../protocol/types'
import { head, message, messages, nothing } from '../testing/events'
import { RoomLog } from './log'
import { Past } from './past'

const page = (from: number, to: number, more: Partial<PageAck> = {}): PageAck => ({
  ok: true,
  events: messages(from, to),
  asOf: 200,
  head: head(200),
  moreBefore: from > 1,
  moreAfter: true,
  ...more,
})
const span = (past: Past | undefined) => [past?.floor, past?.high, past?.events.length]

test('it grows by pages that fit, on both sides, and by no others', () => {
  const past = Past.from(page(40, 60))
  expect(span(past)).toEqual([40, 60, 21])
  expect(past?.append(page(62, 70))).toBe(false)
  expect(past?.append(page(61, 70))).toBe(true)
  expect(past?.prepend(page(20, 38))).toBe(false)
  expect(past?.prepend(page(20, 39))).toBe(true)
  expect(span(past)).toEqual([20, 70, 51])
  expect(past?.prepend(page(1, 19))).toBe(true)
  expect(past?.hasOlder).toBe(false)
  expect(Past.from(page(1, 0))).toBeUndefined()
})

test('what has a number and nothing to see is counted', () => {
  const past = Past.from(page(5, 6, { events: [nothing(5), message(6), nothing(7)] }))
  expect(span(past)).toEqual([5, 7, 1])
})

test('a change of a message in it shows', () => {
  const past = Past.from(page(40, 60))
  past?.amend(message(300, { kind: 'edit', targetSeq: 50, rev: 300, messageText: 'better' }))
  expect(past?.events[10]?.messageText).toBe('better')
})

test('a log takes over what reaches up to it', () => {
  const log = new RoomLog()
  for (const event of messages(61, 65)) log.take(event)
  const past = Past.from(page(40, 50)) as Past
  expect(log.takeOver(past)).toBe(false)
  past.append(page(51, 63))
  expect(log.takeOver(past)).toBe(true)
  expect(log.floor).toBe(40)
  expect(log.events.map(({ seq }) => seq)).toEqual(messages(40, 65).map(({ seq }) => seq))
})
