import { fileURLToPath } from 'node:url'

/**
 * Client has the library of the repository built in from its source, so that a
 * bare clone needs no other installation; what it imports is taken from here.
 */
export const client = {
  alias: {
    'parley-client': fileURLToPath(new URL('../../clients/typescript/src/index.ts', import.meta.url)),
  },
  dedupe: ['socket.io-client'],
}
