import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { ar } from '../src/text/ar'
import { tellStory } from './conversation'
import { cutOff } from './network'
import {
  choose,
  composer,
  expect,
  joinRoom,
  openRoom,
  roomIn,
  rooms,
  rows,
  say,
  settled,
  signUp,
  test,
} from './parley'

// With PARLEY_SCREENSHOTS=1 the pictures of the documents are made anew.
const documents = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))
const inDocuments = new Set(
  process.env.PARLEY_SCREENSHOTS
    ? [
        'sign-in',
        'room',
        'room-dark',
        'direct',
        'invite',
        'settings',
        'browse',
        'switcher',
        'offline',
        'phone',
        'phone-rooms',
        'phone-people',
        'rtl',
      ]
    : [],
)

async function shot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0)
  await expect(page.locator('[data-moving]')).toHaveCount(0)
  // What was said a moment before goes by itself.
  await expect(page.getByText('Profile saved')).toHaveCount(0)
  await settled(page)
  await page.screenshot({ path: `${inDocuments.has(name) ? documents : 'test-results/shots/'}${name}.png` })
}

test('U-80 the chosen appearance is there before the first paint, and the choice is kept', async ({
  device,
}) => {
  const page = await device({ colorScheme: 'light' })
  await signUp(page, 'ann')
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await paper()
  await page.getByRole('button', { name: /Account and settings/ }).click()
  await page.getByText('Dark', { exact: true }).click()
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked()
  const dark = await paper()
  expect(dark).not.toBe(light)

  await page.addInitScript(() => {
    new PerformanceObserver(() => {
      Object.assign(window, { themeAtFirstPaint: document.documentElement.dataset.theme })
    }).observe({ type: 'paint', buffered: true })
  })
  await page.reload()
  await expect(rooms(page)).toBeVisible()
  expect(await paper()).toBe(dark)
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { themeAtFirstPaint?: string }).themeAtFirstPaint))
    .toBe('dark')
})

test('pictures of every screen', async ({ device, parley, expected }) => {
  expected.push(/status of 401/) // signed out at first
  const { people, room } = await tellStory(parley)
  const page = await device({ colorScheme: 'light' })
  await page.goto('/')
  await shot(page, 'sign-in')
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByRole('button', { name: 'Create account' }).click()
  await shot(page, 'sign-up')
  await signUp(page, 'ellen.marsh')
  await expect(rooms(page).getByRole('link')).toHaveCount(5)
  await page.getByRole('button', { name: /Account and settings/ }).click()
  await page.getByRole('button', { name: 'Profile' }).click()
  await page.getByLabel('Name').fill('Ellen Marsh')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Profile saved')).toBeVisible()
  await page.keyboard.press('Escape')
  await shot(page, 'no-room')
  await openRoom(page, 'harbour-festival')
  await shot(page, 'preview')
  await page.getByRole('button', { name: 'Join room' }).click()
  await expect(composer(page)).toBeVisible()
  await say(page, 'I have one, and the van is free on Friday.')
  await say(page, 'See you at the quay!')
  await expect(rows(page).last()).toHaveAccessibleName(/\d{1,2}:\d\d/)
  await joinRoom(page, 'general')
  await people[0]?.say(room, 'Thank you, Ellen!')
  await expect(page).toHaveTitle(/^\(1\)/)
  await shot(page, 'room-empty')
  await openRoom(page, 'harbour-festival')
  await shot(page, 'room-unread')
  await page.keyboard.press('Escape')
  await composer(page).fill('Shall I bring coffee?')
  await shot(page, 'room')

  await rows(page).last().hover()
  await expect(page.getByRole('button', { name: 'More actions' })).toBeVisible()
  await page.screenshot({ path: 'test-results/shots/actions.png' })
  await page.getByRole('button', { name: 'More actions' }).click()
  await shot(page, 'menu')
  await page.keyboard.press('Escape')
  await choose(page, 'More about this room', 'About this room')
  await shot(page, 'about')
  await page.keyboard.press('Escape')
  await rooms(page).getByRole('button', { name: 'Browse rooms' }).click()
  await expect(page.getByRole('dialog').getByRole('link')).toHaveCount(5)
  await shot(page, 'browse')
  await page.keyboard.press('Escape')
  await rooms(page).getByRole('button', { name: 'New message' }).click()
  await page.getByRole('combobox').fill('aiko')
  await expect(page.getByRole('option')).toHaveCount(1)
  await shot(page, 'new-message')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  // The room that was open before has a composer too.
  await expect(composer(page)).toHaveAccessibleName(/Aiko/)
  await say(page, 'Hi Aiko, did the prints come out well?')
  await expect(rows(page).last()).toHaveAccessibleName(/\d{1,2}:\d\d/)
  await people[2]?.say(await roomIn(page), 'Better than I hoped! I left you two at the office.')
  await expect(rows(page)).toHaveCount(2)
  await shot(page, 'direct')
  await rooms(page).getByRole('button', { name: 'New room' }).click()
  await page.getByText('Private', { exact: true }).click()
  await page.getByLabel('Name').fill('core team')
  await page.getByRole('button', { name: 'Create room' }).click()
  await expect(composer(page)).toHaveAccessibleName('Message core team')
  await choose(page, 'More about this room', 'Invite people')
  await page.getByRole('button', { name: 'Make a link' }).click()
  await expect(page.getByLabel(/The link/)).toBeVisible()
  await shot(page, 'invite')
  await page.keyboard.press('Escape')
  await openRoom(page, 'harbour-festival')

  await page.keyboard.press('Control+k')
  await shot(page, 'switcher')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'New room' }).click()
  await shot(page, 'new-room')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /Account and settings/ }).click()
  await shot(page, 'settings')
  await page.getByRole('button', { name: 'Security' }).click()
  await expect(page.getByRole('dialog', { name: 'Security' }).getByRole('listitem')).toHaveCount(1)
  await shot(page, 'security')
  await page.keyboard.press('Escape')
  await page.getByText('Dark', { exact: true }).click()
  await shot(page, 'account-dark')
  await page.keyboard.press('Escape')
  await composer(page).focus()
  await shot(page, 'room-dark')

  await page.getByRole('button', { name: /Account and settings/ }).click()
  await page.getByRole('combobox', { name: 'Language' }).selectOption('العربية')
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  await page.keyboard.press('Escape')
  await shot(page, 'rtl')
  await page.getByRole('button', { name: new RegExp(ar['account.open']) }).click()
  await page.getByRole('combobox', { name: ar['account.language'] }).selectOption('English')
  await expect(page.locator('html')).toHaveAttribute('dir', 'ltr')
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 360, height: 720 })
  await expect(page.getByRole('button', { name: 'Back to rooms' })).toBeVisible()
  await shot(page, 'phone')
  await page.getByRole('button', { name: /^Members/ }).click()
  await shot(page, 'phone-people')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Back to rooms' }).click()
  await shot(page, 'phone-rooms')

  await page.setViewportSize({ width: 800, height: 640 })
  await openRoom(page, 'harbour-festival')
  await page.getByRole('button', { name: /^Members/ }).click()
  await shot(page, 'tablet-people')
  await page.keyboard.press('Escape')

  const network = await cutOff(page)
  await say(page, 'Can anybody hear me?')
  await expect(page.getByRole('status').filter({ hasText: /Offline/ })).toBeVisible()
  await shot(page, 'offline')
  expect((await page.request.post('/api/v1/logout')).ok()).toBe(true)
  await network.restore()
  await expect(page.getByRole('dialog', { name: 'Sign in again' })).toBeVisible()
  await shot(page, 'sign-in-again')
  for (const person of people) person.leave()
})
