import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { en } from '../src/text/en'
import { enLater } from '../src/text/enLater'
import { atOnce, usedIn } from './atOnce.ts'

const src = fileURLToPath(new URL('../src/', import.meta.url))

function isCatalogue(path: string): boolean {
  return /text\/(en|enLater|de|ar|ja)\.ts$/.test(path.replaceAll('\\', '/'))
}

/** Used is which of the ids some of these sources use. */
function used(sources: Iterable<[path: string, source: string]>, ids: readonly string[]): Set<string> {
  return new Set([...sources].flatMap(([path, source]) => (isCatalogue(path) ? [] : usedIn(source, ids))))
}

test('the page fetches at once the texts of what is there at once, and no others', () => {
  const sources = atOnce(join(src, 'app/main.tsx'))
  expect([...used(sources, Object.keys(enLater))], 'belong into en.ts').toEqual([])
  const needed = used(sources, Object.keys(en))
  expect(
    Object.keys(en).filter((id) => !needed.has(id)),
    'belong into enLater.ts',
  ).toEqual([])
})

test('every text is said somewhere', () => {
  const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.test)\.tsx?$/.test(path))
    .map((path) => [path, readFileSync(join(src, path), 'utf8')] as [string, string])
  const ids = [...Object.keys(en), ...Object.keys(enLater)]
  const said = used(sources, ids)
  expect(ids.filter((id) => !said.has(id))).toEqual([])
})

test('what is fetched later is told from what is there at once', () => {
  const names = [...atOnce(join(src, 'app/main.tsx')).keys()]
  expect(names).toContain(join(src, 'features/conversation/Timeline.tsx'))
  expect(names).toContain(join(src, 'app/keepUp.ts'))
  expect(names).not.toContain(join(src, 'features/settings/AccountDialog.tsx'))
  expect(names).not.toContain(join(src, 'features/conversation/FormatBar.tsx'))
  expect(
    usedIn(`t('a.b', { 'c.d': 1 }); <X text="e.f" />; t(\`g.\${h ? 'i' : 'j'}.k\`)`, [
      'a.b',
      'c.d',
      'e.f',
      'g.i.k',
      'g.i',
      'x.k',
    ]),
  ).toEqual(['a.b', 'e.f', 'g.i.k'])
})
