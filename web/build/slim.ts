import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

/** Files of packages, by the end of their path, and what stands in for them in the build. */
const standIns: Record<string, string> = {
  // Its options and its context are used by nobody here.
  '/lucide-react/dist/esm/createLucideIcon.mjs': 'icon.ts',
  // A shim for Reacts that lack the hook.
  '/use-sync-external-store/shim/index.js': 'store.ts',
  // The server does not speak it.
  '/engine.io-client/build/esm/transports/webtransport.js': 'transport.ts',
}

/**
 * Slim leaves out of the build what packages bring along and this page never
 * runs. A stand-in that is asked for by nobody fails the build: the package
 * has changed, and with it perhaps what may be left out.
 */
export function slim(): Plugin {
  const unused = new Set(Object.keys(standIns))
  return {
    name: 'parley:slim',
    apply: 'build',
    enforce: 'pre',
    resolveId: {
      filter: { id: /createLucideIcon|use-sync-external-store|webtransport/ },
      async handler(source, importer) {
        const found = await this.resolve(source, importer, { skipSelf: true })
        const path = found?.id.replaceAll('\\', '/') ?? ''
        const replaced = Object.keys(standIns).find((end) => path.endsWith(`/node_modules${end}`))
        if (replaced === undefined) return null
        unused.delete(replaced)
        return fileURLToPath(new URL(`slim/${standIns[replaced]}`, import.meta.url))
      },
    },
    // Icons bring keys for a list of elements that never changes.
    transform: {
      filter: { id: /lucide-react.dist.esm.icons/ },
      handler: (code) => ({ code: code.replace(/,\s*key: "\w+"/g, ''), map: null }),
    },
    buildEnd(error) {
      if (!error && unused.size > 0) this.error(`nothing imports ${[...unused].join(', ')} any more`)
    },
  }
}
