import { describe, expect, test } from 'vitest'
import { holds, type Line, median, percentile, table } from './figures'

const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)

describe('figures', () => {
  test('the median is the middle, whatever the order', () => {
    expect(median([5, 1, 3])).toBe(3)
    expect(median(hundred)).toBe(50.5)
    expect(median([7])).toBe(7)
  })

  test('a percentile is a value that was measured', () => {
    expect(percentile(hundred, 0.95)).toBe(95)
    expect(percentile([1, 2], 0.95)).toBe(2)
    expect(percentile([4], 0)).toBe(4)
  })

  test('a promise is judged by the figure that it is about', () => {
    const line: Line = { id: 'F-03', what: 'a key', unit: 'ms', below: 95, values: hundred }
    expect(holds(line)).toBe(true)
    expect(holds({ ...line, judged: 'p95' })).toBe(true)
    expect(holds({ ...line, judged: 'most' })).toBe(false)
    expect(holds({ ...line, below: 50 })).toBe(false)
    expect(holds({ ...line, values: [] })).toBe(false)
  })

  test('a line that is missed stands out', () => {
    const missed: Line = {
      id: 'U-21',
      what: 'frames',
      unit: 'ms',
      below: 32,
      judged: 'p95',
      values: [16.7, 40],
    }
    expect(table([missed])).toContain('| U-21 | frames | p95 ≤ 32 ms | 28 | 40 | 40 | 2 | **no** |')
  })
})
