import type { Page } from '@playwright/test'
import { ar } from '../src/text/ar'
import { en as atOnce } from '../src/text/en'
import { enLater } from '../src/text/enLater'
import { pseudo } from '../src/text/pseudo'
import { violations } from './axe'
import { expect, test } from './parley'
import { sideways } from './reflow'
import { tour, tourComplaints } from './tour'
import { unmarked } from './unmarked'

const en = { ...atOnce, ...enLater }

test.use({ actionTimeout: 30_000 })
test.setTimeout(600_000)

/** A stop of a tour that notes what the checks find there. */
function noting(page: Page, found: string[], ...checks: ((page: Page) => Promise<string[]>)[]) {
  return async (screen: string) => {
    for (const check of checks) for (const finding of await check(page)) found.push(`${screen}: ${finding}`)
    // For eyes: PARLEY_TOUR=name leaves a picture of every screen.
    if (process.env.PARLEY_TOUR)
      await page.screenshot({ path: `test-results/tour/${process.env.PARLEY_TOUR}/${screen}.png` })
  }
}

test('A-06 axe finds nothing on any screen, light and dark', async ({ device, parley, expected }) => {
  expected.push(...tourComplaints)
  const page = await device({ reducedMotion: 'reduce' })
  const found: string[] = []
  await tour(page, parley, en, noting(page, found, violations))
  expect(found).toEqual([])
})

test('A-06 U-83 axe finds nothing from right to left, light and dark', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(...tourComplaints)
  const page = await device({ reducedMotion: 'reduce', locale: 'ar' })
  const found: string[] = []
  await tour(page, parley, ar, noting(page, found, violations, sideways))
  expect(found).toEqual([])
})

test('A-06 U-82 at 320 pixels, which is 400 % at a desk, nothing goes sideways, and axe finds nothing', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(...tourComplaints)
  const page = await device({ reducedMotion: 'reduce', viewport: { width: 320, height: 568 } })
  const found: string[] = []
  await tour(page, parley, en, noting(page, found, violations, sideways))
  expect(found).toEqual([])
})

test('U-82 U-83 at 200 % everything fits texts a third longer, all of the catalogue, none made of pieces', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(...tourComplaints)
  const page = await device({ reducedMotion: 'reduce', viewport: { width: 640, height: 400 } })
  await page.addInitScript(() => {
    // An empty page on the way has no storage.
    if (location.origin !== 'null') localStorage.setItem('parley.language', 'en-XA')
  })
  const found: string[] = []
  await tour(page, parley, pseudo, noting(page, found, unmarked, sideways))
  expect(found).toEqual([])
})
