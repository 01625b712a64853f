import { defineConfig } from 'vitest/config'
import { client } from './build/client.ts'

export default defineConfig({
  resolve: client,
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'build/**/*.test.ts'],
    environment: 'node',
    // The machine may have other work: only a test that fails takes so long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
