import { expect, test } from 'vitest'
import type { Event } from '../protocol/types'
import { ann, bo, message, room } from '../testing/events'
import type { Change, Message } from './outgoing'
import { type Day, type TimelineInput, timeline } from './timeline'

const minute = 60_000
const noon = Date.UTC(2026, 10, 23, 12)
const dayKey = (at: number) => new Date(at).toISOString().slice(0, 10)

function arrange(events: Event[], more: Partial<TimelineInput> = {}): Day[] {
  return timeline({ events, outgoing: [], changes: [], self: ann, newAfter: undefined, dayKey, ...more })
}

const outline = (days: Day[]) =>
  days.map((day) =>
    day.items.map((item) => {
      if (item.type === 'message') return item.first ? `${item.name}: ${item.text}` : item.text
      return item.type === 'notice' ? item.events.map((event) => event.kind).join('+') : '--'
    }),
  )

test('messages of one author within five minutes are a group', () => {
  const days = arrange([
    message(1, { at: noon }),
    message(2, { at: noon + 4 * minute }),
    message(3, { at: noon + 9 * minute }),
    message(4, { at: noon + 9 * minute, userId: ann.id, userName: ann.name }),
  ])
  expect(outline(days)).toEqual([['Bo: text 1', 'text 2', 'Bo: text 3', 'Ann: text 4']])
})

test('a notice, the divider and a new day break a group', () => {
  const days = arrange(
    [
      message(1, { at: noon }),
      { kind: 'join', roomId: room, seq: 2, at: noon },
      { kind: 'leave', roomId: room, seq: 3, at: noon },
      message(4, { at: noon }),
      message(5, { at: noon }),
      message(6, { at: noon + 12 * 60 * minute }),
    ],
    { newAfter: 4 },
  )
  expect(outline(days)).toEqual([
    ['Bo: text 1', 'join+leave', 'Bo: text 4', '--', 'Bo: text 5'],
    ['Bo: text 6'],
  ])
  expect(days.map((day) => day.key)).toEqual(['2026-11-23', '2026-11-24'])
})

test('nothing is divided above own messages or when nothing is new', () => {
  const own = { userId: ann.id, userName: ann.name }
  expect(outline(arrange([message(1), message(2, own)], { newAfter: 1 }))).toEqual([
    ['Bo: text 1', 'Ann: text 2'],
  ])
  expect(outline(arrange([message(1)], { newAfter: 1 }))).toEqual([['Bo: text 1']])
})

test("the server's order stands, whatever the clocks say", () => {
  const days = arrange([
    message(1, { at: noon }),
    message(2, { at: noon - 24 * 60 * minute }),
    message(3, { at: noon, userId: ann.id, userName: ann.name }),
  ])
  expect(outline(days)).toEqual([['Bo: text 1', 'text 2', 'Ann: text 3']])
})

test('a message on its way stands last, and its event has the same key', () => {
  const outgoing: Message = {
    event: 'sendMessage',
    cid: 'cid-2',
    roomId: room,
    text: 'hello',
    at: noon,
    phase: 'sending',
    tried: true,
  }
  const before = arrange([message(1, { at: noon })], { outgoing: [outgoing] })
  const after = arrange([
    message(1, { at: noon }),
    message(2, { at: noon, userId: ann.id, userName: ann.name, cid: 'cid-2', messageText: 'hello' }),
  ])
  expect(outline(before)).toEqual([['Bo: text 1', 'Ann: hello']])
  expect(outline(after)).toEqual(outline(before))
  expect(after[0]?.items.map((item) => item.key)).toEqual(before[0]?.items.map((item) => item.key))
  expect(before[0]?.items[1]).toMatchObject({ phase: 'sending', deletable: false })
})

test('keys are unique even when two people chose the same cid', () => {
  const [day] = arrange([message(1, { cid: 'x' }), message(2, { cid: 'x', userId: bo.id + 1 })])
  const keys = day?.items.map((item) => item.key)
  expect(new Set(keys).size).toBe(2)
})

test('a change on its way shows at once, and what was refused shows the message as it is', () => {
  const change = (target: number, text: string | undefined, failed = false): Change => ({
    ...(text === undefined ? { event: 'deleteMessage' } : { event: 'editMessage', text }),
    cid: `change-${target}`,
    roomId: room,
    at: noon,
    target,
    phase: failed ? 'failed' : 'sending',
    tried: true,
    ...(failed && { error: { code: 'gone', message: 'It is deleted.' } }),
  })
  const [day] = arrange([message(1), message(2), message(3), message(4, { rev: 9 })], {
    changes: [change(1, 'better'), change(2, undefined), change(3, 'too late', true)],
  })
  expect(day?.items).toMatchObject([
    { text: 'better', edited: true, deleted: false, change: 'under way' },
    { text: '', edited: false, deleted: true, change: 'under way' },
    { text: 'text 3', edited: false, deleted: false, change: 'refused', problem: { code: 'gone' } },
    { text: 'text 4', edited: true, deleted: false, change: undefined },
  ])
})

test('a deleted message keeps its place and its author', () => {
  const { messageText: _, ...bare } = message(1)
  const [day] = arrange([{ ...bare, rev: 2, deleted: true }])
  expect(day?.items).toMatchObject([{ name: 'Bo', text: '', deleted: true, edited: false }])
})
