import type { Page } from '@playwright/test'
import { Bot } from './bot'
import {
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
  texts,
  together,
  upToDate,
} from './parley'

const link = (page: Page, name: string) => rooms(page).getByRole('link', { name: new RegExp(`^${name}`) })
const line = (page: Page) => page.getByText('New', { exact: true })

test('U-12 U-62 what is read on one device is read on the other, and the icon has a dot while something is not', async ({
  device,
  parley,
}) => {
  const desk = await device()
  await signUp(desk, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  await joinRoom(desk, 'news')
  await createRoom(desk, 'general')
  const phone = await device()
  await phone.goto('/')
  await signIn(phone, 'ann')
  await openRoom(phone, 'general')
  const icon = desk.locator('link[rel="icon"]')
  await expect(icon).toHaveAttribute('href', '/favicon.svg')

  for (const text of ['one', 'two', 'three']) await bo.say(news.id, text)
  for (const page of [desk, phone]) await expect(link(page, 'news')).toHaveAccessibleName(/3 unread messages/)
  await expect(icon).toHaveAttribute('href', '/favicon-unread.svg')

  await desk.bringToFront()
  await openRoom(desk, 'news')
  await expect(line(desk)).toBeVisible()
  for (const page of [desk, phone]) await expect(link(page, 'news')).toHaveAccessibleName('news')
  await expect(icon).toHaveAttribute('href', '/favicon.svg')
})

test('U-25 a room is unread again from a message on, here, after a reload, and on a second device', async ({
  device,
  parley,
}) => {
  const desk = await device()
  await signUp(desk, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  await joinRoom(desk, 'news')
  for (const text of ['one', 'two', 'three']) await bo.say(news.id, text)
  await expect(rows(desk)).toHaveCount(3)
  await expect(link(desk, 'news')).toHaveAccessibleName('news')

  await rows(desk).nth(1).focus()
  await desk.keyboard.press('u')
  await expect(link(desk, 'news')).toHaveAccessibleName(/2 unread messages/)
  await expect(line(desk)).toBeVisible()
  const phone = await device()
  await phone.goto('/')
  await signIn(phone, 'ann')
  await expect(link(phone, 'news')).toHaveAccessibleName(/2 unread messages/)

  // The line leaves with Esc, and then everything is read.
  await composer(desk).press('Escape')
  await expect(line(desk)).toHaveCount(0)
  for (const page of [desk, phone]) await expect(link(page, 'news')).toHaveAccessibleName('news')
})

test('U-20 U-23 a room opens where one stopped reading, however far that is, and reads on to the present', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  const bots = await Promise.all([0, 1, 2, 3].map((i) => Bot.register(parley.url, `bot${i}`)))
  const news = await (bots[0] as Bot).createRoom('news')
  for (const bot of bots) await bot.join(news.id)
  for (const bot of bots) bot.leave()
  const said: string[] = []
  const speak = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      await bots[i % bots.length]?.say(news.id, `line ${i}`)
      said.push(`line ${i}`)
    }
  }
  await speak(0, 40)
  await joinRoom(page, 'news')
  await expect(rows(page).last()).toContainText('line 39')
  await page.goto('about:blank')
  await speak(40, 190)

  await page.goto(`/r/${news.id}`)
  await expect(line(page)).toBeInViewport()
  await expect(rows(page).filter({ hasText: /line 40$/ })).toBeInViewport()
  await expect(link(page, 'news')).toHaveAccessibleName(/150 unread messages/)
  const toPresent = page.getByRole('button', { name: /Jump to/ })
  await expect(toPresent).toBeVisible()

  // Reading on meets the end, with no hole and nothing twice.
  const seen = new Set<string>()
  await page.mouse.move(600, 400)
  await expect
    .poll(
      async () => {
        for (const text of await texts(page)) seen.add(text)
        await page.mouse.wheel(0, 600)
        return seen.has('line 189')
      },
      { intervals: [50] },
    )
    .toBe(true)
  expect([...seen].sort()).toEqual([...new Set(said)].filter((text) => seen.has(text)).sort())
  for (let i = 40; i < 190; i++) expect(seen).toContain(`line ${i}`)
  await composer(page).press('Escape')
  await expect(upToDate(page)).toBeVisible()
  await expect(link(page, 'news')).toHaveAccessibleName('news')
})

test('U-04 the address of a message survives signing in, leads to it and marks it', async ({
  device,
  parley,
}) => {
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  const { seq } = await bo.say(news.id, 'the one')
  const others = await Promise.all([0, 1].map((i) => Bot.register(parley.url, `bot${i}`)))
  for (const other of others) await other.join(news.id)
  for (const other of others) other.leave()
  for (let i = 0; i < 80; i++) await others[i % 2]?.say(news.id, `line ${i}`)
  const page = await device()
  await page.goto(`/r/${news.id}/m/${seq}`)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('E-mail address').fill('ann@example.org')
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await page.getByRole('button', { name: 'Create account' }).click()
  const row = rows(page).filter({ hasText: 'the one' })
  await expect(row).toBeInViewport()
  await expect(row).toBeFocused()
  await expect(page).toHaveURL(`${parley.url}/r/${news.id}`)
  await page.getByRole('button', { name: /Jump to/ }).click()
  await expect(rows(page).last()).toContainText('line 79')
  await expect(rows(page).last()).toBeInViewport()
})

test('U-50 who writes is shown until they have said it', async ({ device }) => {
  const [ann, bo] = await together(device, 'general')
  await composer(bo).pressSequentially('wait')
  await expect(ann.getByText('bo is typing…')).toBeVisible()
  await expect(bo.getByText('is typing…')).toHaveCount(0)
  await composer(bo).press('Enter')
  await expect(rows(ann)).toHaveCount(1)
  await expect(ann.getByText('is typing…')).toHaveCount(0)
  await composer(bo).fill('never mind')
  await say(ann, 'yes?')
  await expect(rows(bo)).toHaveCount(2)
})
