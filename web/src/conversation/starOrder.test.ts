import { expect, test } from 'vitest'
import { type Placed, places } from './starOrder'

const step = 2 ** 24
const farthest = Number.MAX_SAFE_INTEGER

/** The order after a move, as every device makes it of the places. */
function moved(order: readonly Placed[], id: number, to: number): Placed[] {
  const given = places(order, id, to)
  for (const place of given.values()) expect(Number.isSafeInteger(place)).toBe(true)
  return order
    .map((room) => ({ id: room.id, place: given.get(room.id) ?? room.place }))
    .sort((one, other) => one.place - other.place || one.id - other.id)
}

const ids = (order: readonly Placed[]) => order.map(({ id }) => id)
const spread = [1, 2, 3, 4].map((id) => ({ id, place: id * step }))

test.each([
  [4, 0, [4, 1, 2, 3]],
  [1, 3, [2, 3, 4, 1]],
  [1, 1, [2, 1, 3, 4]],
  [3, 1, [1, 3, 2, 4]],
  [2, 1, [1, 2, 3, 4]],
])('room %i comes to %i, and no other is changed', (id, to, want) => {
  expect(ids(moved(spread, id, to))).toEqual(want)
  expect([...places(spread, id, to).keys()]).toEqual([id])
})

test.each([
  ['equal places', [1, 2, 3].map((id) => ({ id, place: 0 }))],
  ['neighbouring places', [1, 2, 3].map((id) => ({ id, place: id }))],
  ['the last places', [1, 2, 3].map((id) => ({ id, place: farthest - 3 + id }))],
  ['the first places', [1, 2, 3].map((id) => ({ id, place: id - farthest - 1 }))],
  ['both ends', [-farthest, 0, farthest].map((place, at) => ({ id: at + 1, place }))],
])('with %s every move does what it should', (_, order) => {
  for (const id of [1, 2, 3])
    for (const to of [0, 1, 2]) {
      const want = [1, 2, 3].filter((other) => other !== id)
      want.splice(to, 0, id)
      expect(ids(moved(order, id, to)), `room ${id} to ${to}`).toEqual(want)
    }
})

test('two hundred moves to one place come out right, and most change one room', () => {
  let order: Placed[] = spread
  let changed = 0
  for (let i = 0; i < 200; i++) {
    const last = order.at(-1) as Placed
    changed += places(order, last.id, 1).size
    const want = ids(order).slice(0, -1)
    want.splice(1, 0, last.id)
    order = moved(order, last.id, 1)
    expect(ids(order)).toEqual(want)
  }
  expect(changed).toBeLessThan(250)
})

test('one room alone', () => {
  expect(places([{ id: 1, place: 5 }], 1, 0)).toEqual(new Map([[1, step]]))
})
