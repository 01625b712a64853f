// Fails when the committed build or the generated protocol types are out of
// date: builds into a temporary directory and compares byte by byte.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const web = fileURLToPath(new URL('..', import.meta.url))
const committed = join(web, 'dist')

const types = spawnSync('go', ['run', './web/protocolgen', '-check'], {
  cwd: join(web, '..'),
  stdio: 'inherit',
})
if (types.status !== 0) process.exit(1)

const fresh = mkdtempSync(join(tmpdir(), 'parley-dist-'))
try {
  await build({ root: web, logLevel: 'warn', build: { outDir: fresh, emptyOutDir: true } })
  const differing = compare(files(fresh), files(committed))
  if (differing.length > 0) {
    console.error(`web/dist is out of date, run "npm run build" in web/:\n  ${differing.join('\n  ')}`)
    process.exitCode = 1
  }
} finally {
  rmSync(fresh, { recursive: true })
}

/** Files of a directory by their path in it. */
function files(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(directory.length + 1), readFileSync(path)]),
  )
}

/** Compare names the files that are missing, left over or different. */
function compare(want, got) {
  const names = new Set([...want.keys(), ...got.keys()])
  return [...names].filter(
    (name) => !want.has(name) || !got.has(name) || !want.get(name).equals(got.get(name)),
  )
}
