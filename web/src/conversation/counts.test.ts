import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import type { RoomInfo } from '../protocol/types'
import { head } from '../testing/events'
import { type Counts, countsOf } from './counts'
import type { PreferenceMap } from './preferences'
import type { Pointers } from './reads'
import type { RoomsView } from './rooms'

const info = (id: number, n: number, changes: Partial<RoomInfo> = {}): RoomInfo => ({
  id,
  name: `room ${id}`,
  kind: 'public',
  members: 1,
  role: 'member',
  head: head(n),
  ...changes,
})
const { role: _, ...stranger } = info(5, 5)
const pointer = (n: number, mentions = 0) => ({ seq: n, n, version: 1, mentions })
const listed = (...rooms: RoomInfo[]): RoomsView => ({ rooms, loaded: true, failed: false })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function world(view: RoomsView, pointers: Pointers, preferences: PreferenceMap = {}) {
  const sources = {
    rooms: createStore<RoomsView>(() => view),
    reads: createStore<Pointers>(() => pointers),
    preferences: createStore<PreferenceMap>(() => preferences),
  }
  return { ...sources, counts: countsOf(sources) }
}

test('only what waits is counted, a muted room by what names the person', () => {
  const muted = { starred: false, muted: true, notify: 'all', place: 0 } as const
  const silent = { starred: false, muted: false, notify: 'none', place: 0 } as const
  const { counts } = world(
    listed(info(1, 5), info(2, 5), info(3, 5), info(4, 5), stranger, info(6, 5)),
    { 1: pointer(5), 2: pointer(3), 3: pointer(1, 2), 4: pointer(4), 5: pointer(1) },
    { 3: muted, 4: silent },
  )
  expect(counts.getState()).toEqual({
    unread: { 2: 2, 3: 4, 4: 1 },
    mentions: { 3: 2 },
    counted: { 2: 2, 3: 2, 4: 1 },
    told: 4,
  })
})

test('with the list the counts change at once, with what is read once per frame', () => {
  const { rooms, reads, counts } = world(listed(info(1, 3)), { 1: pointer(3) })
  const seen: Counts[] = []
  counts.subscribe((now) => seen.push(now))
  rooms.setState(listed(info(1, 5)))
  expect(seen.map(({ unread }) => unread)).toEqual([{ 1: 2 }])
  reads.setState({ 1: pointer(4) })
  reads.setState({ 1: pointer(5) })
  expect(seen).toHaveLength(1)
  vi.runAllTimers()
  expect(seen.map(({ unread }) => unread)).toEqual([{ 1: 2 }, {}])
})

test('nobody hears of what was read as it came, and what says the same stays the same object', () => {
  const { rooms, reads, counts } = world(listed(info(1, 3), info(2, 9)), { 1: pointer(3), 2: pointer(4) })
  const before = counts.getState()
  const heard = vi.fn()
  counts.subscribe(heard)
  reads.setState({ ...reads.getState(), 1: pointer(4) })
  rooms.setState(listed(info(1, 4), info(2, 9)))
  vi.runAllTimers()
  expect(heard).not.toHaveBeenCalled()
  rooms.setState(listed(info(1, 5), info(2, 9)))
  expect(heard).toHaveBeenCalledOnce()
  expect(counts.getState().mentions).toBe(before.mentions)
})
