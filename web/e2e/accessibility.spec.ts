import type { Locator, Page } from '@playwright/test'
import { Bot } from './bot'
import {
  composer,
  createRoom,
  expect,
  joinRoom,
  roomIn,
  rooms,
  rows,
  say,
  sent,
  signUp,
  test,
  title,
} from './parley'

/** TabTo goes with Tab alone until something has the focus. */
async function tabTo(page: Page, goal: Locator): Promise<void> {
  for (let steps = 0; steps < 100; steps++) {
    await page.keyboard.press('Tab')
    if (await goal.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error('Tab does not lead there')
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
  // The composer takes the focus when it comes.
  await expect(composer(page)).toBeFocused()
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

test('A-01 F6 leads around the parts of the page, and back with Shift', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await say(page, 'hello')
  await expect(rows(page)).toHaveCount(1)
  const members = page.getByRole('complementary').getByRole('searchbox')
  await expect(members).toBeVisible()
  const around = [
    members,
    rooms(page).getByRole('link', { name: 'general' }),
    rows(page).last(),
    composer(page),
  ]
  await composer(page).focus()
  for (const part of around) {
    await page.keyboard.press('F6')
    await expect(part).toBeFocused()
  }
  for (const part of [...around.slice(0, -1).reverse(), composer(page)]) {
    await page.keyboard.press('Control+Shift+F6')
    await expect(part).toBeFocused()
  }
  await rows(page).last().focus()
  await page.keyboard.press('Control+Shift+L')
  await expect(composer(page)).toBeFocused()
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
  // Those of a second and a half are gathered.
  await expect(async () => {
    await Promise.all([0, 1, 2, 3, 4].map((i) => bo.say(room.id, `more ${i}`)))
    await expect(announced).toHaveText(/new messages/, { timeout: 5_000 })
  }).toPass()
  await expect(page.getByRole('log')).toHaveCount(0)
})

test('A-04 everything from signing up to sending goes without a mouse', async ({ device }) => {
  const page = await device()
  await page.goto('/')
  await page.getByRole('button', { name: 'Create an account' }).press('Enter')
  await expect(page.getByLabel('E-mail address')).toBeFocused()
  await page.keyboard.type('ann@example.org')
  await page.keyboard.press('Tab')
  await page.keyboard.type('correct horse battery')
  await page.keyboard.press('Enter')
  await rooms(page).getByRole('button', { name: 'New room' }).first().press('Enter')
  await expect(page.getByLabel('Name')).toBeFocused()
  await page.keyboard.type('general')
  await page.keyboard.press('Enter')
  await expect(title(page)).toHaveText(/general/)
  await expect(composer(page)).toBeFocused()
  await page.keyboard.type('hello')
  await page.keyboard.press('Enter')
  await expect(rows(page)).toHaveCount(1)
})

test('A-04 the whole journey by keyboard: in, a room, completing, editing, deleting, members, settings, out', async ({
  device,
  parley,
}) => {
  const bo = await Bot.register(parley.url, 'bo')
  await Bot.register(parley.url, 'ann')
  const page = await device()
  const keys = page.keyboard
  await page.goto('/')
  await expect(page.getByLabel('E-mail address')).toBeFocused()
  await keys.type('ann@example.org')
  await keys.press('Tab')
  await keys.type('correct horse battery')
  await keys.press('Enter')
  await rooms(page).getByRole('button', { name: 'New room' }).first().press('Enter')
  await expect(page.getByLabel('Name')).toBeFocused()
  await keys.type('general')
  await keys.press('Enter')
  await expect(title(page)).toHaveText(/general/)
  await bo.join(await roomIn(page))

  const box = page.locator('#composer')
  await expect(box).toBeFocused()
  await keys.type('hello @b')
  // What offers is fetched when the page has time; the next letter finds it.
  await expect(async () => {
    await keys.press('Backspace')
    await keys.type('b')
    await expect(page.getByRole('option')).toHaveCount(1, { timeout: 1_000 })
  }).toPass()
  await keys.press('Tab')
  await keys.press('Enter')
  await expect(rows(page)).toHaveCount(1)
  await expect(page.getByTitle('bo', { exact: true })).toHaveText('@bo')
  await sent(rows(page))

  await keys.press('ArrowUp')
  await expect(page.locator('[aria-describedby="edit-note"]')).toBeFocused()
  await keys.type(' and all')
  await keys.press('Enter')
  await expect(rows(page).last()).toContainText('hello @bo and all')
  await expect(box).toBeFocused()
  await keys.press('Shift+F6')
  await expect(rows(page).last()).toBeFocused()
  await keys.press('Delete')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).press('Enter')
  await expect(rows(page).last()).toContainText('Message deleted')
  await expect(rows(page).last()).toBeFocused()

  await keys.press('F6')
  await keys.press('F6')
  await expect(page.getByRole('complementary').getByRole('searchbox')).toBeFocused()
  await keys.type('bo')
  await expect(page.getByRole('complementary').getByRole('listitem')).toHaveCount(1)
  await keys.press('F6')
  await expect(rooms(page).getByRole('link', { name: 'general' })).toBeFocused()
  const account = page.getByRole('button', { name: 'Account and settings' })
  await tabTo(page, account)
  await keys.press('Enter')
  const out = page.getByRole('button', { name: 'Sign out', exact: true })
  await expect(out).toBeVisible()
  await tabTo(page, out)
  await keys.press('Enter')
  await expect(page.getByLabel('E-mail address')).toBeVisible()
  bo.leave()
})

test('A-05 no bar covers the row that has the focus, wherever the arrow keys lead', async ({
  device,
  parley,
}) => {
  const page = await device({ viewport: { width: 1280, height: 500 } })
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const room = await bo.createRoom('general')
  for (let i = 0; i < 40; i++) await bo.say(room.id, `line ${i}`)
  await joinRoom(page, 'general')
  await expect(rows(page)).toHaveCount(40)
  await rows(page).last().focus()
  const covered = () =>
    page.evaluate(() => {
      const row = document.activeElement?.getBoundingClientRect()
      if (!row || document.activeElement?.role !== 'article') return 'no row has the focus'
      // What lies over the row's own corners, a little inside.
      const over = [row.top + 4, row.bottom - 4].map((y) => document.elementFromPoint(row.left + 4, y))
      const other = over.find((element) => !document.activeElement?.contains(element))
      return other === undefined ? '' : (other?.outerHTML.slice(0, 200) ?? 'out of the window')
    })
  for (const key of ['ArrowUp', 'ArrowDown'])
    for (let step = 0; step < 35; step++) {
      await page.keyboard.press(key)
      await expect.poll(covered, { message: `${key} ${step}` }).toBe('')
    }
})
