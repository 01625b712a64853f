import { brotliCompressSync, constants } from 'node:zlib'
import type { Plugin } from 'vite'

/** Bytes after brotli that a usable room may cost. */
export interface Budget {
  script: number
  style: number
}

/** Budget fails a build whose scripts or styles, compressed, are larger than allowed. */
export function budget(limits: Budget): Plugin {
  return {
    name: 'parley:budget',
    apply: 'build',
    generateBundle(_, bundle) {
      const sizes = { script: 0, style: 0 }
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') sizes.script += compressed(file.code)
        else if (file.fileName.endsWith('.css')) sizes.style += compressed(file.source)
      }
      for (const kind of ['script', 'style'] as const) {
        const line = `${kind}: ${sizes[kind]} bytes of brotli, ${limits[kind]} allowed`
        if (sizes[kind] > limits[kind]) this.error(line)
        this.info(line)
      }
    },
  }
}

function compressed(source: string | Uint8Array): number {
  return brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
}
