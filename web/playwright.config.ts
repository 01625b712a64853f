import { fileURLToPath } from 'node:url'
import { defineConfig, devices } from '@playwright/test'
import { zoneAt } from './e2e/zone'

export default defineConfig({
  testDir: 'e2e',
  // It needs a cluster, which e2e/browser_test.go starts.
  testIgnore: process.env.PARLEY_CLUSTER ? [] : 'cluster.spec.ts',
  outputDir: 'test-results',
  // Each test has a server and a browser of its own, and much of its time goes by in waiting. None says how fast
  // something has to be.
  workers: 2,
  // Only a test that fails takes so long. An attempt to connect may hang for 20 s, and the machine may have other work.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  globalSetup: './e2e/setup.ts',
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    // No day ends in the middle of a test.
    timezoneId: zoneAt(12),
    // What a worker answers no test can stand between; offline.spec.ts allows it.
    serviceWorkers: 'block',
    // A trace makes every test half as long again; what failed is run once more with PARLEY_TRACE=1.
    trace: process.env.PARLEY_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.PARLEY_CHROMIUM ?? '/usr/bin/chromium',
      env: { ...process.env, FONTCONFIG_FILE: fileURLToPath(new URL('e2e/fonts.conf', import.meta.url)) },
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
