import { expect, test } from 'vitest'
import { placeOf, type Rows } from './linePlace'

const window = { top: 100, bottom: 500 }
const rows: Rows = { first: 10, last: 60, more: false, window, line: undefined }

test('a line among the rows is where it is', () => {
  const at = (top: number) => placeOf({ after: 20, n: 20 }, { ...rows, line: { top, bottom: top + 16 } })
  expect(at(20)).toBe('above')
  expect(at(84)).toBe('above')
  expect(at(85)).toBe('in sight')
  expect(at(499)).toBe('in sight')
  expect(at(500)).toBe('below')
})

test('a line that is not among the rows is above what comes behind it', () => {
  expect(placeOf({ after: 5, n: 5 }, rows)).toBe('above')
})

test('a line below a part of the past is below, and at the end of the room nothing is new', () => {
  expect(placeOf({ after: 60, n: 60 }, { ...rows, more: true })).toBe('below')
  expect(placeOf({ after: 60, n: 60 }, rows)).toBe('nowhere')
})

test('behind the line there may be nothing that divides, such as what one has said oneself', () => {
  expect(placeOf({ after: 30, n: 30 }, rows)).toBe('nowhere')
  expect(placeOf({ after: 9, n: 9 }, rows)).toBe('nowhere')
})
