import { brotliCompressSync, constants } from 'node:zlib'
import type { Plugin, Rolldown } from 'vite'

/** Bytes after brotli. */
export interface Budget {
  /** Scripts that a usable room needs: the entry and what it imports. */
  script: number
  /** Scripts that are fetched later. */
  rare: number
  /** The texts of one language that are fetched later; the largest counts. */
  language: number
  /** The list of emoji, which is fetched when somebody writes one. */
  emoji: number
  style: number
}

/** Budget fails a build whose scripts or styles, compressed, are larger than allowed. */
export function budget(limits: Budget): Plugin {
  return {
    name: 'parley:budget',
    apply: 'build',
    // Behind the plugin that writes the one sheet.
    enforce: 'post',
    generateBundle(_, bundle) {
      const sizes = { script: 0, rare: 0, language: 0, emoji: 0, style: 0 }
      const needed = neededAtOnce(bundle)
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk' && isLanguage(file))
          sizes.language = Math.max(sizes.language, compressed(file.code))
        else if (file.type === 'chunk' && file.name === 'emojiList') sizes.emoji += compressed(file.code)
        else if (file.type === 'chunk')
          sizes[needed.has(file.fileName) ? 'script' : 'rare'] += compressed(file.code)
        else if (file.fileName.endsWith('.css')) sizes.style += compressed(file.source)
      }
      for (const kind of ['script', 'rare', 'language', 'emoji', 'style'] as const) {
        const line = `${kind}: ${sizes[kind]} bytes of brotli, ${limits[kind]} allowed`
        if (sizes[kind] > limits[kind]) this.error(line)
        this.info(line)
      }
    },
  }
}

/** Whether a chunk, fetched later, is texts. */
function isLanguage({ isDynamicEntry, facadeModuleId }: Rolldown.OutputChunk): boolean {
  return isDynamicEntry && /\/src\/text\//.test(facadeModuleId ?? '')
}

/** Names of the entries and of everything that they import before they run. */
function neededAtOnce(bundle: Rolldown.OutputBundle): Set<string> {
  const needed = new Set<string>()
  const need = (name: string) => {
    const chunk = bundle[name]
    if (chunk?.type !== 'chunk' || needed.has(name)) return
    needed.add(name)
    for (const imported of chunk.imports) need(imported)
  }
  for (const file of Object.values(bundle)) if (file.type === 'chunk' && file.isEntry) need(file.fileName)
  return needed
}

function compressed(source: string | Uint8Array): number {
  return brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
}
