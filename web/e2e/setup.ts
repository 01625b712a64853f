import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds the server, unless PARLEY_BIN names one. */
export default function setup(): void {
  const given = process.env.PARLEY_BIN
  if (given) {
    if (!existsSync(given)) throw new Error(`PARLEY_BIN: there is no ${given}`)
    return
  }
  const binary = `${root}bin/parley`
  execFileSync('go', ['build', '-trimpath', '-o', binary, './cmd/parley'], { cwd: root, stdio: 'inherit' })
  process.env.PARLEY_BIN = binary
}
