import type { Page } from '@playwright/test'
import { Bot } from './bot'
import {
  choose,
  createRoom,
  expect,
  joinRoom,
  openRoom,
  roomIn,
  rooms,
  serverAway,
  signIn,
  signUp,
  test,
  title,
} from './parley'

const panel = (page: Page) => page.getByRole('complementary', { name: 'Members' })
const member = (page: Page, name: string) =>
  panel(page)
    .getByRole('listitem')
    .filter({ hasText: `@${name}` })
const sign = (page: Page, name: string) => member(page, name).locator('[data-status]')
const header = (page: Page) => page.getByRole('main').getByRole('banner').or(page.locator('main > header'))

async function settings(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Account and settings/ }).click()
  await expect(page.getByRole('dialog', { name: 'Account' })).toBeVisible()
}

test('U-51 how somebody wants to be shown is chosen once, and seen everywhere by shape and in words', async ({
  device,
}) => {
  const ann = await device()
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  const bo = await device()
  await signUp(bo, 'bo')
  await joinRoom(bo, 'general')
  await expect(sign(ann, 'bo')).toHaveAttribute('data-status', 'online')
  await choose(ann, 'Actions for bo', 'Send a direct message')
  await expect(header(ann)).toContainText('Online')
  const direct = rooms(ann).getByRole('link', { name: /bo$/ })
  await expect(direct).toHaveAccessibleName('Online bo')

  await settings(bo)
  await bo.getByText('Do not disturb', { exact: true }).click()
  await expect(bo.getByRole('radio', { name: 'Do not disturb' })).toBeChecked()
  await bo.keyboard.press('Escape')
  await expect(rooms(bo).getByRole('button', { name: /Account and settings/ })).toHaveAccessibleName(
    /Do not disturb/,
  )
  await expect(header(ann)).toContainText('Do not disturb')
  await expect(direct).toHaveAccessibleName('Do not disturb bo')
  await openRoom(ann, 'general')
  await expect(sign(ann, 'bo')).toHaveAttribute('data-status', 'dnd')
  await expect(member(ann, 'bo')).toContainText('Do not disturb')

  // It is kept, and another device of the person knows it, and changes it.
  const phone = await device({ viewport: { width: 360, height: 640 }, hasTouch: true })
  await phone.goto('/')
  await signIn(phone, 'bo')
  await settings(phone)
  await expect(phone.getByRole('radio', { name: 'Do not disturb' })).toBeChecked()
  await phone.getByText('Away', { exact: true }).click()
  await expect(sign(ann, 'bo')).toHaveAttribute('data-status', 'away')
  await expect(rooms(bo).locator('[data-status=away]')).toBeVisible()
})

test('U-51 in a direct room stands when the other was last here, unless they keep it to themselves', async ({
  device,
  parley,
}) => {
  const ann = await device()
  await signUp(ann, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const room = await bo.createRoom('general')
  await bo.join(room.id)
  await joinRoom(ann, 'general')
  await choose(ann, 'Actions for bo', 'Send a direct message')
  await expect(header(ann)).toContainText('Online')
  bo.leave()
  const seen = header(ann).getByText('Last seen 1 minute ago')
  await expect(seen).toBeVisible()
  await expect(rooms(ann).getByRole('link', { name: 'Offline bo' })).toBeVisible()
  await ann.reload()
  await expect(seen).toBeVisible()
  await bo.show({ hideLastSeen: true })
  await ann.reload()
  await expect(header(ann)).toContainText('Offline')
  await expect(seen).toHaveCount(0)
})

test('U-51 U-80 each status has a shape of its own, which stays where the system chooses the colours', async ({
  device,
  parley,
}) => {
  const ann = await device({ forcedColors: 'active' })
  await signUp(ann, 'ann')
  const [bo, cy, di] = await Promise.all(['bo', 'cy', 'di'].map((name) => Bot.register(parley.url, name)))
  if (!bo || !cy || !di) throw new Error('nobody came')
  const room = await bo.createRoom('general')
  for (const bot of [bo, cy, di]) await bot.join(room.id)
  await cy.show({ status: 'away' })
  await di.show({ status: 'dnd' })
  bo.leave()
  await joinRoom(ann, 'general')
  const shown = { ann: 'online', bo: 'offline', cy: 'away', di: 'dnd' }
  const shapes = new Set<string>()
  const colours = new Set<string>()
  for (const [name, status] of Object.entries(shown)) {
    await expect(sign(ann, name)).toHaveAttribute('data-status', status)
    const drawn = await sign(ann, name).evaluate((svg) => {
      const path = svg.querySelector('path') as SVGPathElement
      const { width, height } = svg.getBoundingClientRect()
      return { shape: path.getAttribute('d') ?? '', colour: getComputedStyle(path).fill, width, height }
    })
    shapes.add(drawn.shape)
    colours.add(drawn.colour)
    expect(Math.min(drawn.width, drawn.height)).toBeGreaterThanOrEqual(7)
  }
  expect(shapes.size).toBe(4)
  expect([...colours]).toEqual([
    await ann.evaluate(() => {
      document.body.style.color = 'CanvasText'
      return getComputedStyle(document.body).color
    }),
  ])
  await panel(ann).screenshot({ path: 'test-results/shots/status-forced.png' })
  for (const bot of [cy, di]) bot.leave()
})

test('U-51 without a connection nobody is said to be online, and oneself is not; with it everybody is again', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(...serverAway, /Failed to load resource/)
  const ann = await device()
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  const bo = await Bot.register(parley.url, 'bo')
  await bo.join(await roomIn(ann))
  await choose(ann, 'Actions for bo', 'Send a direct message')
  await expect(title(ann)).toHaveText(/^bo/)
  await openRoom(ann, 'general')
  const own = rooms(ann).getByRole('button', { name: /Account and settings/ })
  const others = ann.locator('nav a [data-status], aside [data-status]')
  await expect(own).toHaveAccessibleName(/Online/)
  await expect(sign(ann, 'bo')).toHaveAttribute('data-status', 'online')
  await expect(others).not.toHaveCount(0)

  await parley.kill()
  await expect(own).toHaveAccessibleName(/Offline/)
  await expect(own.locator('[data-status]')).toHaveAttribute('data-status', 'offline')
  await expect(others).toHaveCount(0)
  await expect(panel(ann)).not.toContainText(/Online|Offline/)
  await expect(panel(ann).getByRole('listitem')).toHaveCount(2)
  await ann.screenshot({ path: 'test-results/shots/presence-unknown.png' })

  await parley.start()
  await expect(own).toHaveAccessibleName(/Online/)
  await expect(sign(ann, 'ann')).toHaveAttribute('data-status', 'online')
  await expect(sign(ann, 'bo')).toBeVisible()
  bo.leave()
})
