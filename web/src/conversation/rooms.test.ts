import { afterEach, expect, test, vi } from 'vitest'
import type { RoomInfo, RoomList } from '../protocol/types'
import { type Deferred, defer, flush } from '../testing/defer'
import { head } from '../testing/events'
import { Rooms } from './rooms'

const info = (id: number): RoomInfo => ({
  id,
  name: `room ${id}`,
  kind: 'public',
  members: 1,
  archived: false,
  topic: '',
  role: '',
  head: head(3),
})

afterEach(() => {
  vi.useRealTimers()
})

function open() {
  const asked: Deferred<RoomList>[] = []
  const rooms = new Rooms(<T>() => {
    const answer = defer<RoomList>()
    asked.push(answer)
    return answer.promise as Promise<T>
  })
  const ids = () => rooms.state.getState().rooms.map((room) => room.id)
  return { asked, rooms, ids }
}

test('a room that comes while the list is read stays, and one that goes does not come back', async () => {
  const { asked, rooms, ids } = open()
  rooms.put(info(1))
  const read = rooms.refresh()
  rooms.put(info(2))
  rooms.remove(1)
  asked[0]?.resolve({ rooms: [info(1), info(3)] })
  await read
  expect(ids()).toEqual([2, 3])
})

test('what is not listed any more goes', async () => {
  const { asked, rooms, ids } = open()
  rooms.put(info(1))
  const read = rooms.refresh()
  asked[0]?.resolve({ rooms: [info(3)] })
  await read
  expect(ids()).toEqual([3])
})

test('a room that comes by itself is no list: who is told so takes all others for gone', async () => {
  const { asked, rooms } = open()
  const loaded = () => rooms.state.getState().loaded
  const read = rooms.refresh()
  rooms.put(info(1))
  expect(loaded()).toBe(false)
  asked[0]?.reject(new Error('no answer'))
  await read
  rooms.putAll([info(2)])
  rooms.remove(2)
  expect(loaded()).toBe(false)
  const again = rooms.refresh()
  asked[1]?.resolve({ rooms: [info(1)] })
  await again
  expect(rooms.state.getState()).toMatchObject({ loaded: true, failed: false })
})

test('who asks while a list is read gets one that was asked for later, all of them the same', async () => {
  const { asked, rooms, ids } = open()
  const first = rooms.refresh()
  const second = rooms.refresh()
  expect(rooms.refresh()).toBe(second)
  expect(asked).toHaveLength(1)
  asked[0]?.resolve({ rooms: [] })
  await first
  await flush()
  expect(asked).toHaveLength(2)
  asked[1]?.resolve({ rooms: [info(4)] })
  await second
  expect(ids()).toEqual([4])
})

test('what is said in a room is news of the list, and none of what stands still', async () => {
  vi.useFakeTimers()
  const { rooms } = open()
  rooms.putAll([info(1), info(2)])
  const before = rooms.still.getState()
  rooms.grow(1, { head: head(4) })
  rooms.grow(1, { head: head(5), members: 1 })
  await vi.runAllTimersAsync()
  const grown = rooms.state.getState()
  expect(grown.rooms[0]).toMatchObject({ head: head(5), members: 2 })
  expect(rooms.still.getState()).toBe(before)
  rooms.put({ ...info(2), topic: 'another' })
  expect(rooms.still.getState()).toBe(rooms.state.getState().rooms)
})

test('a list that says nothing new is no news, and one that does is so for the room that it is of', async () => {
  const { asked, rooms } = open()
  rooms.putAll([info(1), info(2)])
  const before = rooms.state.getState().rooms
  const read = rooms.refresh()
  asked[0]?.resolve({ rooms: [info(2), info(1)] })
  await read
  expect(rooms.state.getState().rooms).toBe(before)
  rooms.putAll([{ ...info(1), topic: 'another' }, info(2)])
  const now = rooms.state.getState().rooms
  expect(now.map(({ topic }) => topic)).toEqual(['another', ''])
  expect(now[1]).toBe(before[1])
})
