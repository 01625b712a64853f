import { Bot } from './bot'
import { composer, createRoom, expect, joinRoom, rooms, rows, say, signUp, test, title } from './parley'

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
