import { expect, test } from 'vitest'
import { placed } from './report'

const section = '### The web client in a browser\n\nnew figures\n'

test('the section goes to the end, and then stays where it is', () => {
  const before = '# Benchmarks\n\n## Measured apart\n\n### Sends\n\nsome\n'
  const once = placed(before, section)
  expect(once).toBe(`${before}\n${section}`)
  expect(placed(once, section)).toBe(once)
})

test('what stands behind the section stays', () => {
  const old = '# B\n\n### The web client in a browser\n\nold\n\n| a |\n\n### Over Kafka\n\nfigures\n'
  expect(placed(old, section)).toBe(`# B\n\n${section}\n### Over Kafka\n\nfigures\n`)
})
