import type { Page } from '@playwright/test'
import { Bot } from './bot'
import { composer, createRoom, expect, joinRoom, rooms, signUp, test, title } from './parley'

const searches = '**/api/v1/people?**'
const options = (page: Page) => page.getByRole('option')

async function newMessage(page: Page) {
  await rooms(page).getByRole('button', { name: 'New message' }).click()
  const find = page.getByRole('combobox', { name: 'Find people' })
  await expect(find).toBeFocused()
  return find
}

test('U-11 the switcher finds people beside rooms: those one knows at once, everybody else after a moment', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(/ERR_FAILED/)
  const page = await device()
  await signUp(page, 'ann')
  const [bo] = await Promise.all(['bo', 'stella', 'stefan'].map((name) => Bot.register(parley.url, name)))
  if (!bo) throw new Error('nobody came')
  await bo.createRoom('general')
  await joinRoom(page, 'general')
  await createRoom(page, 'steering')

  await page.keyboard.press('Control+k')
  const search = page.getByRole('combobox', { name: 'Go to room or person' })
  await expect(options(page)).toHaveText([/steering/, /general/])
  await search.fill('ste')
  await expect(options(page)).toHaveText([/steering/, /stefan@stefan/, /stella@stella/])
  await expect(page.getByRole('status').filter({ hasText: '3 results' })).toHaveCount(1)
  await search.fill('@stel')
  await expect(options(page)).toHaveText([/stella/])
  await search.press('Enter')
  await expect(title(page)).toHaveText(/^stella/)
  await expect(composer(page)).toHaveAccessibleName('Message stella')

  // Whom one talks with stands there once, as a conversation; whom one knows needs no server.
  await page.route(searches, (route) => route.abort())
  await page.keyboard.press('Control+k')
  await search.fill('stella')
  await expect(options(page)).toHaveText([/stella/])
  await search.fill('b')
  await expect(options(page)).toHaveText([/bo@bo/])
  await search.press('Enter')
  await expect(title(page)).toHaveText(/^bo/)
})

test('U-10 somebody whom one shares no room with is found by the beginning of the name, behind those one knows', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  const [bo] = await Promise.all(['bo', 'bob', 'borislav'].map((name) => Bot.register(parley.url, name)))
  if (!bo) throw new Error('nobody came')
  await bo.createRoom('general')
  await joinRoom(page, 'general')

  const find = await newMessage(page)
  await expect(options(page)).toHaveText([/@bo$/])
  await find.fill('bo')
  await expect(options(page)).toHaveText([/@bo$/, /@bob$/, /@borislav$/])
  await find.fill('Bori')
  await expect(options(page)).toHaveText([/@borislav$/])
  await find.fill('nobody of that name')
  await expect(page.getByRole('status').filter({ hasText: 'Nobody is called like that.' })).toBeVisible()
  await find.fill('x')
  await expect(page.getByRole('status').filter({ hasText: 'two letters are enough' })).toBeVisible()
  await find.fill('bob')
  await expect(options(page)).toHaveText([/@bob$/])
  await find.press('Enter')
  await find.press('Enter')
  await expect(title(page)).toHaveText(/^bob/)
})

test('U-10 an answer that is overtaken changes nothing, and a search that is refused says why, then goes on by itself', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(/status of 429/, /ERR_FAILED/)
  const page = await device()
  await signUp(page, 'ann')
  await Promise.all(['bob', 'borislav'].map((name) => Bot.register(parley.url, name)))
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route(searches, async (route) => {
    if (new URL(route.request().url()).searchParams.get('search') === 'bo') await held
    await route.continue().catch(() => undefined)
  })
  const find = await newMessage(page)
  const slow = page.waitForRequest((request) => request.url().endsWith('search=bo'))
  await find.fill('bo')
  const overtaken = await slow
  await expect(page.getByRole('status').filter({ hasText: 'Searching…' })).toBeVisible()
  await find.fill('bor')
  await expect(options(page)).toHaveText([/@borislav$/])
  letGo()
  expect((await overtaken.response())?.ok()).toBe(true)
  await find.press('ArrowDown')
  await expect(options(page)).toHaveText([/@borislav$/])

  let refusals = 0
  await page.unroute(searches)
  await page.route(searches, (route) =>
    ++refusals > 1
      ? route.continue()
      : route.fulfill({
          status: 429,
          contentType: 'application/problem+json',
          body: JSON.stringify({ title: 'Too many', status: 429, code: 'rate_limited', retryAfter: 2 }),
        }),
  )
  await find.fill('bob')
  await expect(page.getByRole('status').filter({ hasText: /2 seconds/ })).toBeVisible()
  await expect(options(page)).toHaveText([/@bob$/])

  await page.unroute(searches)
  await page.route(searches, (route) => route.abort())
  await find.fill('boris')
  await expect(page.getByRole('status').filter({ hasText: 'The server does not answer.' })).toBeVisible()
  await page.unroute(searches)
  await expect(options(page)).toHaveText([/@borislav$/])
})
