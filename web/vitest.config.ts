import { defineConfig } from 'vitest/config'
import { client } from './build/client.ts'

export default defineConfig({
  resolve: client,
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'build/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
  },
})
