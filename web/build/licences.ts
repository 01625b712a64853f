import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

interface Package {
  name: string
  version: string
  licence: string
  text: string
}

/** What is no package of npm, but made from the data of one: its licence lies beside it. */
const data = [
  {
    name: 'emojibase-data',
    version: '17.0.0',
    licence: 'MIT',
    file: new URL('../src/features/completion/emojiList.LICENSE', import.meta.url),
  },
]

/**
 * Licences writes LICENSES.txt beside the build: name, version and licence
 * text of every package that a chunk contains. A package without a licence
 * fails the build.
 */
export function licences(): Plugin {
  return {
    name: 'parley:licences',
    apply: 'build',
    generateBundle(_, bundle) {
      const directories = new Set<string>()
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue
        for (const id of file.moduleIds) {
          const directory = packageDirectory(id)
          if (directory) directories.add(directory)
        }
      }
      const made = data.map(({ file, ...entry }) => ({ ...entry, text: readFileSync(file, 'utf8').trim() }))
      const packages = [...[...directories].map(readPackage), ...made].sort((a, b) =>
        a.name.localeCompare(b.name, 'en'),
      )
      this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: page(packages) })
    },
  }
}

/** PackageDirectory is the directory of the package that a module belongs to, if it is one of npm's. */
export function packageDirectory(moduleId: string): string | undefined {
  const path = moduleId.replace(/^\0/, '').replaceAll('\\', '/')
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
}

function readPackage(directory: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  if (typeof license !== 'string') throw new Error(`${name} ${version} names no licence`)
  return { name, version, licence: license, text: licenceText(directory) }
}

function licenceText(directory: string): string {
  const file = readdirSync(directory).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry))
  const path = join(directory, file ?? 'LICENSE')
  return existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim() : ''
}

function page(packages: Package[]): string {
  const rule = `${'-'.repeat(72)}\n`
  const entries = packages.map(
    (entry) =>
      `${entry.name} ${entry.version} (${entry.licence})\n\n${entry.text || '(no text in the package)'}\n`,
  )
  return `Packages in Parley's web client, and their licences.\n\n${rule}${entries.join(`\n${rule}`)}`
}
