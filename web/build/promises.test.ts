import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { promises } from '../e2e/promises.ts'

const folder = join(import.meta.dirname, '../e2e')

/** Ids in the names of the browser tests. */
function tested(): Set<string> {
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.spec.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  const names = sources.flatMap((source) => [...source.matchAll(/\btest\(\s*['`"]([^\n]*)/g)])
  return new Set(names.flatMap(([, name = '']) => name.match(/\b[AU]-\d\d\b/g) ?? []))
}

test('every promise has a browser test, or says why it has none', () => {
  const ids = tested()
  expect(ids.size).toBeGreaterThan(20)
  for (const [id, promise] of Object.entries(promises)) {
    const due = typeof promise === 'string'
    expect(ids.has(id), due ? `${id} has no test: ${promise}` : `${id} has a test: strike its later`).toBe(
      due,
    )
  }
})
