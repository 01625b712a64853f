import { expect, test } from 'vitest'
import type { RoomInfo } from '../protocol/types'
import { Names, named } from './names'

const people = [
  { id: 1, name: 'Ann', handle: 'ann' },
  { id: 2, name: 'Bo', handle: 'bo.' },
]
const room = (id: number, name: string, role?: string): RoomInfo => ({
  id,
  name,
  kind: 'public',
  members: 1,
  archived: false,
  head: { seq: 1, n: 0, cursor: '1.abcdef' },
  ...(role && { role }),
})

function known(...rooms: RoomInfo[]) {
  const names = new Names()
  names.met(people)
  names.listed(rooms, [])
  return names.state.getState()
}

/** A text with what it names in brackets. */
const marked = (text: string, ...rooms: RoomInfo[]) => {
  const pieces = named(text, known(...rooms))
  expect(pieces.map((piece) => piece.text).join('')).toBe(text)
  return pieces.map(({ text, person, room }) => (person || room ? `[${text}]` : text)).join('')
}

test('people are found as the server finds them', () => {
  expect(marked('hello @ann, and @Ann.')).toBe('hello [@ann], and [@Ann].')
  expect(marked('@bo. @bo @bo.. @bo.-')).toBe('[@bo.] @bo [@bo.]. [@bo.]-')
  for (const text of ['ann@ann', 'x.@ann', '@ann@x', '@anna', '@@ann', '@', '@a'])
    expect(marked(text)).toBe(text)
  expect(marked('(@ann)「@ann」')).toBe('([@ann])「[@ann]」')
})

test('rooms are found by the longest name that ends where a word does', () => {
  const rooms = [room(1, 'sound'), room(2, 'Sound and Light'), room(3, 'küche')]
  expect(marked('#sound and light! #sound and more', ...rooms)).toBe('[#sound and light]! [#sound] and more')
  expect(marked('#Küche', ...rooms)).toBe('[#Küche]')
  for (const text of ['#sounds', 'a#sound', '##sound', '/#sound', '# sound', '#', 'sound'])
    expect(marked(text, ...rooms), text).toBe(text)
  expect(marked('#sound')).toBe('#sound')
})

test('of two rooms with one name the one that one is in is meant', () => {
  const { rooms } = known(room(1, 'plan', 'member'), room(2, 'Plan'))
  expect(rooms.get('plan')).toBe(1)
})

test('nothing changes while no name does', () => {
  const names = new Names()
  const rooms = [room(1, 'plan')]
  names.met(people)
  names.listed(rooms, [])
  const before = names.state.getState()
  names.met(people)
  names.listed([{ ...rooms[0], members: 5 } as RoomInfo], rooms)
  expect(names.state.getState()).toBe(before)
})

test('a long text of signs takes no long time', () => {
  const rooms = Array.from({ length: 1_000 }, (_, id) => room(id, `room ${id}`))
  const text = '#x @y '.repeat(1_600)
  expect(marked(text, ...rooms)).toBe(text)
})
