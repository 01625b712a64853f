import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** How a part is fetched later by features/rare.tsx, which waits for its texts, too. */
const later = /\b(?:rare|quiet)(?:<[^>]*>)?\(\s*'\w+',\s*\(\) => import\('[^']+'\)/g

/** AtOnce is the sources that a page runs without having waited for texts that are fetched later, by their paths. */
export function atOnce(entry: string): Map<string, string> {
  const sources = new Map<string, string>()
  const follow = (path: string) => {
    if (sources.has(path)) return
    const source = readFileSync(path, 'utf8')
    sources.set(path, source)
    // What is imported as a type only may be followed, too: it has few texts of its own.
    for (const [, name] of source.replace(later, '').matchAll(/\b(?:from|import) ?\(?'(\.[^']+)'/g)) {
      const base = join(dirname(path), name ?? '')
      const found = [base, `${base}.ts`, `${base}.tsx`].find(
        (file) => /\.tsx?$/.test(file) && existsSync(file),
      )
      if (found) follow(found)
    }
  }
  follow(entry)
  return sources
}

/** UsedIn is which of the ids of texts stand in a source, whole or put together of pieces. */
export function usedIn(source: string, ids: readonly string[]): string[] {
  const whole = new Set([...source.matchAll(/(['"])([\w.]+)\1(?!:)/g)].map(([, , id]) => id))
  const pieces = [...source.matchAll(/`([\w.]+\.)\$\{[^}]*\}([\w.]*)`/g)]
  return ids.filter(
    (id) =>
      whole.has(id) || pieces.some(([, start = '', end = '']) => id.startsWith(start) && id.endsWith(end)),
  )
}
