import { expect, test } from 'vitest'
import type { RoomInfo } from '../protocol/types'
import { head } from '../testing/events'
import type { Call } from './members'
import { People } from './people'

const self = 1
const bo = { id: 2, name: 'Bo', handle: 'bo' }
const room = (id: number, kind: string, changes: Partial<RoomInfo> = {}): RoomInfo => ({
  id,
  name: `room ${id}`,
  kind,
  members: 2,
  role: 'member',
  head: head(1),
  ...changes,
})

test('whoever shares a room is known, oneself is not, and a room that cannot be read does no harm', async () => {
  const call: Call = <Answer>(_: string, path: string) =>
    path.startsWith('/rooms/3/')
      ? Promise.resolve({ members: [bo, { id: self, name: 'Ann', handle: 'ann' }] } as Answer)
      : Promise.reject(new Error(`asked for ${path}`))
  const people = new People(self, call)
  const cleo = { id: 4, name: 'Cleo', handle: 'cleo' }
  await people.gather([
    room(3, 'public'),
    room(5, 'private'),
    room(6, 'direct', { name: '', peer: cleo }),
    { ...room(7, 'public'), role: undefined } as unknown as RoomInfo,
  ])
  expect(people.known.map(({ name }) => name).sort()).toEqual(['Bo', 'Cleo'])
  // Once a minute is enough.
  await people.gather([room(6, 'direct', { name: '', peer: { ...cleo, id: 5 } })])
  expect(people.known).toHaveLength(2)
})

test('whoever is found by a search is called by their name from then on, and is not among those who share a room', async () => {
  const asked: string[] = []
  const call: Call = <Answer>(_: string, path: string) => {
    asked.push(path)
    return Promise.resolve({ people: [bo] } as Answer)
  }
  const people = new People(self, call)
  expect(await people.search('b & o')).toEqual([bo])
  expect(asked).toEqual(['/people?search=b+%26+o'])
  expect(people.nameOf(bo.id)).toBe('Bo')
  expect(people.known).toEqual([])
})
