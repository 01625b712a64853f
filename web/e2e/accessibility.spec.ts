import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import { Bot } from './bot'
import {
  choose,
  composer,
  createRoom,
  expect,
  joinRoom,
  rooms,
  rows,
  say,
  settled,
  signUp,
  test,
  title,
} from './parley'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The serious and critical findings of axe on the page as it is. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  // Colours in the middle of a transition are nobody's colours.
  await settled(page)
  return page.evaluate(async () => {
    type Axe = { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
    const { violations } = await (window as unknown as { axe: Axe }).axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
  })
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`A-06 axe finds nothing serious, ${colorScheme}`, async ({ device, parley }) => {
    const page = await device({ colorScheme, reducedMotion: 'reduce' })
    await page.goto('/')
    expect(await findings(page), 'sign-in').toEqual([])
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    expect(await findings(page), 'sign-in with errors').toEqual([])
    await signUp(page, 'ann')
    expect(await findings(page), 'no room').toEqual([])
    const bo = await Bot.register(parley.url, 'bo')
    const room = await bo.createRoom('news')
    await bo.say(room.id, 'see https://example.org')
    await joinRoom(page, 'news')
    await createRoom(page, 'general')
    await say(page, 'hello')
    await bo.say(room.id, 'unread')
    await expect(rooms(page).getByText('1', { exact: true })).toBeVisible()
    expect(await findings(page), 'room').toEqual([])
    await rows(page).last().focus()
    await page.getByRole('button', { name: 'More actions' }).click()
    expect(await findings(page), 'message menu').toEqual([])
    await page.keyboard.press('Escape')
    await rows(page).last().focus()
    await page.keyboard.press('e')
    expect(await findings(page), 'edit').toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('Delete')
    expect(await findings(page), 'delete').toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Delete message' }).click()
    await expect(rows(page).last()).toHaveAccessibleName(/message deleted$/)
    expect(await findings(page), 'deleted').toEqual([])
    for (const item of ['About this room', 'Invite people']) {
      await choose(page, 'More about this room', item)
      await expect(page.getByRole('dialog')).toBeVisible()
      expect(await findings(page), item).toEqual([])
      await page.keyboard.press('Escape')
    }
    for (const button of ['Browse rooms', 'New message']) {
      await rooms(page).getByRole('button', { name: button }).click()
      await expect(page.getByRole('dialog', { name: button })).toBeVisible()
      expect(await findings(page), button).toEqual([])
      await page.keyboard.press('Escape')
    }
    await page.keyboard.press('Control+k')
    expect(await findings(page), 'switcher').toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /Account and settings/ }).click()
    expect(await findings(page), 'account').toEqual([])
    for (const button of ['Profile', 'Security']) {
      await page.getByRole('button', { name: button }).click()
      await expect(page.getByRole('dialog', { name: button })).toBeVisible()
      expect(await findings(page), button).toEqual([])
      await page.keyboard.press('Escape')
    }
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'New room' }).click()
    await page.keyboard.press('Enter')
    expect(await findings(page), 'new room').toEqual([])
  })
}

test('A-01 landmarks, the room as the title, and a way past the list', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await say(page, 'hello')
  await expect(rows(page)).toHaveCount(1)
  await expect(rooms(page)).toBeVisible()
  await expect(page.getByRole('main')).toBeVisible()
  await expect(page.getByRole('form', { name: 'Message general' })).toBeVisible()
  await expect(page.getByRole('complementary', { name: 'Members' })).toBeVisible()
  await expect(page).toHaveTitle('general · Parley')
  await page.reload()
  await expect(rows(page)).toHaveCount(1)
  // The keyboard's walk begins where the page does.
  await page.evaluate(() => {
    document.body.tabIndex = -1
    document.body.focus()
  })
  await page.keyboard.press('Tab')
  const skip = page.getByRole('button', { name: 'Skip to messages' })
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()
  await page.keyboard.press('Enter')
  await expect(rows(page).last()).toBeFocused()
})

test('A-02 messages are rows that the arrow keys walk, each with one name', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  for (const text of ['one', 'two', 'three']) await say(page, text)
  await expect(rows(page).last()).toHaveAccessibleName(/^ann, \d{1,2}:\d\d, three$/)
  await composer(page).press('Shift+Tab')
  await expect(rows(page).nth(2)).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  await expect(rows(page).nth(0)).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(rows(page).nth(0)).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(rows(page).nth(1)).toBeFocused()
  await expect(page.locator('[role="article"][tabindex="0"]')).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(composer(page)).toBeFocused()
})

test('A-03 new messages of others are announced, own ones and history are not', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const room = await bo.createRoom('general')
  await bo.say(room.id, 'history')
  await joinRoom(page, 'general')
  const announced = page.locator('[aria-live="polite"]')
  await say(page, 'my own')
  await expect(rows(page)).toHaveCount(2)
  await bo.say(room.id, 'hello ann')
  await expect(announced).toHaveText('bo: hello ann')
  for (let i = 0; i < 5; i++) await bo.say(room.id, `more ${i}`)
  await expect(announced).toHaveText(/new messages/)
  await expect(page.getByRole('log')).toHaveCount(0)
})

test('A-04 everything from signing up to sending goes without a mouse', async ({ device }) => {
  const page = await device()
  await page.goto('/')
  await page.getByRole('button', { name: 'Create an account' }).press('Enter')
  await page.keyboard.type('ann@example.org')
  await page.keyboard.press('Tab')
  await page.keyboard.type('correct horse battery')
  await page.keyboard.press('Enter')
  await rooms(page).getByRole('button', { name: 'New room' }).first().press('Enter')
  await page.keyboard.type('general')
  await page.keyboard.press('Enter')
  await expect(title(page)).toHaveText(/general/)
  await expect(composer(page)).toBeFocused()
  await page.keyboard.type('hello')
  await page.keyboard.press('Enter')
  await expect(rows(page)).toHaveCount(1)
})
