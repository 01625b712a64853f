import type { Page } from '@playwright/test'
import { Bot } from './bot'
import {
  choose,
  composer,
  createRoom,
  expect,
  joinRoom,
  openRoom,
  rooms,
  rows,
  say,
  signIn,
  signUp,
  test,
} from './parley'

const link = (page: Page, name: string) => rooms(page).getByRole('link', { name: new RegExp(`^${name}`) })
const section = (page: Page, name: string) => rooms(page).getByRole('region', { name, exact: true })

/** StandsAlone expects one room in a section, where for a moment there may be others. */
async function standsAlone(page: Page, name: string, room: string): Promise<void> {
  const links = section(page, name).getByRole('link')
  await expect(links).toHaveCount(1)
  await expect(links).toHaveAccessibleName(room)
}

/** ChooseLevel says of which messages one wants to be told, with the keyboard alone. */
async function chooseLevel(page: Page, level: string): Promise<void> {
  const item = page.getByRole('menuitemradio', { name: level })
  // A menu that has just closed does not open again at once.
  await expect(async () => {
    await page.getByRole('button', { name: 'More about this room' }).press('Enter')
    await expect(page.getByRole('menuitem').first()).toBeFocused({ timeout: 1_000 })
  }).toPass({ timeout: 60_000 })
  await page.keyboard.press('End')
  for (const above of ['Nothing', 'Mentions only', 'All messages']) {
    await page.keyboard.press('ArrowUp')
    await expect(page.getByRole('menuitemradio', { name: above })).toBeFocused()
    if (above === level) break
  }
  await page.keyboard.press('Enter')
  await expect(item).toHaveCount(0)
}

test('U-13 a star, from the list by keyboard or from the room, is there on every device and after a reload', async ({
  device,
}) => {
  const desk = await device()
  await signUp(desk, 'ann')
  await createRoom(desk, 'general')
  await createRoom(desk, 'news')
  const phone = await device()
  await phone.goto('/')
  await signIn(phone, 'ann')
  await expect(link(phone, 'news')).toBeVisible()
  await expect(section(desk, 'Starred')).toHaveCount(0)

  // The list's menu, without a mouse, gives the focus back to its room.
  await link(desk, 'general').focus()
  await desk.keyboard.press('Shift+F10')
  const star = desk.getByRole('menuitem', { name: 'Star' })
  await expect(star).toBeFocused()
  await desk.keyboard.press('Enter')
  for (const page of [desk, phone]) {
    await standsAlone(page, 'Starred', 'general')
    await standsAlone(page, 'Rooms', 'news')
  }
  await choose(desk, 'Options for news', 'Star')
  await expect(section(phone, 'Starred').getByRole('link')).toHaveCount(2)
  await phone.reload()
  await expect(section(phone, 'Starred').getByRole('link')).toHaveCount(2)
  await openRoom(phone, 'general')
  await choose(phone, 'More about this room', 'Take the star away')
  for (const page of [desk, phone]) await standsAlone(page, 'Starred', 'news')
})

test('U-12 U-13 a muted room counts what names one alone, and title and icon go by the level', async ({
  device,
  parley,
}) => {
  const desk = await device()
  await signUp(desk, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  await joinRoom(desk, 'news')
  await choose(desk, 'More about this room', 'Mute')
  await expect(link(desk, 'news')).toHaveAccessibleName('news muted')
  await createRoom(desk, 'general')
  const icon = desk.locator('link[rel="icon"]')

  await bo.say(news.id, 'one')
  await bo.say(news.id, '@ann two')
  await expect(link(desk, 'news')).toHaveAccessibleName('news muted 1 mention')
  await expect(desk).toHaveTitle('(1) general · Parley')
  await expect(icon).toHaveAttribute('href', '/favicon-unread.svg')

  await openRoom(desk, 'news')
  await expect(link(desk, 'news')).toHaveAccessibleName('news muted')
  await expect(desk).toHaveTitle('news · Parley')
  await choose(desk, 'More about this room', 'Unmute')
  await chooseLevel(desk, 'Mentions only')
  const checked = desk.getByRole('menuitemradio', { checked: true })
  await expect(async () => {
    await desk.getByRole('button', { name: 'More about this room' }).click()
    await expect(checked).toHaveText('Mentions only', { timeout: 1_000 })
  }).toPass({ timeout: 60_000 })
  await desk.keyboard.press('Escape')
  await openRoom(desk, 'general')
  await bo.say(news.id, 'three')
  await expect(link(desk, 'news')).toHaveAccessibleName(/1 unread message$/)
  await expect(desk).toHaveTitle('general · Parley')
  await expect(icon).toHaveAttribute('href', '/favicon.svg')
  await bo.say(news.id, '@ann four')
  await expect(desk).toHaveTitle('(1) general · Parley')
  await openRoom(desk, 'news')
  await chooseLevel(desk, 'Nothing')
  await openRoom(desk, 'general')
  await bo.say(news.id, '@ann five')
  await expect(link(desk, 'news')).toHaveAccessibleName(/1 unread message, 1 mention$/)
  await expect(desk).toHaveTitle('general · Parley')
})

test('U-13 what the server cannot be told goes back, and says so', async ({ device, expected }) => {
  expected.push(/Failed to load resource/)
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await page.route('**/settings', (route) => route.abort())
  await choose(page, 'More about this room', 'Star')
  await expect(page.getByRole('alert').filter({ hasText: 'server does not answer' })).toBeVisible()
  await expect(section(page, 'Starred')).toHaveCount(0)
  await expect(section(page, 'Rooms').getByRole('link')).toHaveAccessibleName('general')
})

test('U-43 what was begun is kept over a switch and a reload, and a pencil shows where', async ({
  device,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await createRoom(page, 'news')
  await composer(page).fill('half a thought')
  await openRoom(page, 'general')
  await expect(link(page, 'news')).toHaveAccessibleName('news draft')
  await expect(composer(page)).toHaveValue('')
  await page.reload()
  await expect(link(page, 'news')).toHaveAccessibleName('news draft')

  // In another tab of this device it is finished, and gone here too.
  const tab = await page.context().newPage()
  await tab.goto('/')
  await openRoom(tab, 'news')
  await expect(composer(tab)).toHaveValue('half a thought')
  await composer(tab).press('Enter')
  await expect(rows(tab)).toHaveText([/half a thought/])
  await expect(link(page, 'news')).not.toHaveAccessibleName(/draft/)
  await openRoom(page, 'news')
  await expect(composer(page)).toHaveValue('')
  await say(page, 'and another')
  await expect(rows(page)).toHaveCount(2)
})
