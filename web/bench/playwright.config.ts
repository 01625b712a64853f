import { defineConfig } from '@playwright/test'
import base from '../playwright.config'

/** The bench is one long test in the browser of the browser tests; a trace of it would be what is measured. */
export default defineConfig(base, {
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../test-results/bench',
  globalSetup: '../e2e/setup.ts',
  timeout: 0,
  expect: { timeout: 60_000 },
  // As people have it: with the worker that keeps the client.
  use: { trace: 'off', actionTimeout: 60_000, serviceWorkers: 'allow' },
})
