import { expect, test } from 'vitest'
import type { RoomInfo } from '../../protocol/types'
import { sameButHead } from './still'

const room = {
  id: 7,
  kind: 'public',
  name: 'stage',
  members: 3,
  role: 'member',
  head: { seq: 5, n: 4, cursor: '5.abcdef' },
} as RoomInfo

test('a room in which something was said is the same but for its head', () => {
  expect(sameButHead(room, room)).toBe(true)
  expect(sameButHead(room, { ...room, head: { ...room.head, seq: 6 } })).toBe(true)
})

test('whatever else has changed counts, also what is there no more', () => {
  expect(sameButHead(room, { ...room, members: 4 })).toBe(false)
  expect(sameButHead(room, { ...room, topic: 'lights' })).toBe(false)
  const { role: _, ...left } = room
  expect(sameButHead(room, left as RoomInfo)).toBe(false)
})
