import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { RoomLog } from '../conversation/log'
import { statements } from '../conversation/notices'
import { timeline } from '../conversation/timeline'
import type { Event } from './types'

// The frames that the server's own tests fix, read by this end too.
const golden = new URL('../../../chat/testdata/', import.meta.url)
const files = readdirSync(golden).filter((name) => name.endsWith('.json'))
const read = (name: string) => JSON.parse(readFileSync(new URL(name, golden), 'utf8')) as Event

/** Kinds that are said about the stream and have no number in the room. */
const unnumbered = new Set(['gap', 'reset'])

test('there are frames to read', () => {
  expect(files).toContain('message.json')
  expect(files).toContain('void.json')
})

describe.each(files)('%s', (name) => {
  const event = read(name)

  test('names its room and kind', () => {
    expect(event.roomId).toBeGreaterThan(0)
    expect(event.kind).toMatch(/^[a-z]+$/)
  })

  test('is counted by the log when it has a number', () => {
    if (unnumbered.has(event.kind)) {
      expect(event.seq).toBeUndefined()
      return
    }
    const log = new RoomLog()
    expect(log.take(event)).toBe('taken')
    expect(log.high).toBe(event.seq)
    expect(log.cursor).toMatch(/^[1-9]\d*\.[\w-]{6}$/)
  })

  test('is shown as a row, or not at all', () => {
    if (unnumbered.has(event.kind)) return
    const log = new RoomLog()
    log.take(event)
    const days = timeline({
      events: log.events,
      outgoing: [],
      self: { id: 1, name: 'Ann' },
      changes: [],
      newAfter: undefined,
      dayKey: () => 'day',
    })
    const items = days.flatMap((day) => day.items)
    expect(items).toHaveLength(log.events.length)
    if (event.kind === 'message')
      expect(items[0]).toMatchObject({ type: 'message', text: event.messageText ?? '' })
    else if (log.events.length > 0) expect(statements(log.events, () => 'Bo')).toHaveLength(1)
  })
})

test('a gap moves the log', () => {
  const { from = 0, to = 0 } = read('gap.json')
  const log = new RoomLog()
  log.skip({ from, to })
  expect(log.floor).toBe(to + 1)
})

test('a reset names the head to begin from', () => {
  expect(read('reset.json').head).toMatchObject({ seq: expect.any(Number), cursor: expect.any(String) })
})
