import { expect, test } from 'vitest'
import { cidMaker } from './cid.js'

const zeros = (bytes: Uint8Array) => bytes.fill(0)
const ones = (bytes: Uint8Array) => bytes.fill(255)

test('carries the time, the version and the variant', () => {
  const make = cidMaker(() => 0x0192_0000_abcd, zeros)
  expect(make()).toBe('01920000-abcd-7000-8000-000000000000')
})

test('ids of one millisecond are in order', () => {
  const make = cidMaker(() => 1_700_000_000_000, ones)
  const ids = Array.from({ length: 10_000 }, make)
  expect(ids).toEqual([...new Set(ids)].sort())
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a clock that goes back does not', () => {
  const times = [1_700_000_000_500, 1_700_000_000_000, 1_700_000_000_501]
  const make = cidMaker(() => times.shift() ?? 0, ones)
  const ids = [make(), make(), make()]
  expect(ids).toEqual([...ids].sort())
})
