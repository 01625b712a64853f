import { expect, test } from 'vitest'
import { parts, together } from './LongList'

const items = (...ids: number[]) => ids.map((id) => ({ id }))
const ids = (list: { id: number }[]) => parts(list).map((part) => part.map(({ id }) => id))
/** Items before which a list is cut. */
const [one, other] = [2 * together, together]

test('a list is cut before some of its items, and nothing is lost', () => {
  expect(ids([])).toEqual([])
  expect(ids(items(3, 1, one, 7, other))).toEqual([[3, 1], [one, 7], [other]])
  expect(ids(items(other, 3))).toEqual([[other, 3]])
  const many = Array.from({ length: 100 * together }, (_, i) => ({ id: (i * 7) % (100 * together) }))
  expect(parts(many).flat()).toEqual(many)
  expect(parts(many)).toHaveLength(100)
})

test('an item that comes or goes leaves the others in their parts', () => {
  const before = ids(items(3, 1, one, 7, other, 5))
  expect(ids(items(9, 3, 1, one, 7, other, 5)).slice(1)).toEqual(before.slice(1))
  expect(ids(items(3, 1, one, other, 5))).toEqual([[3, 1], [one], [other, 5]])
})
