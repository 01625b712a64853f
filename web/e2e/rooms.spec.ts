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
  signUp,
  test,
  title,
} from './parley'

test('U-10 a room is made with its rule in sight, and a wrong name is told at the field', async ({
  device,
  expected,
}) => {
  expected.push(/status of 409/)
  const page = await device()
  await signUp(page, 'ann')
  await expect(rooms(page)).toContainText('No rooms yet.')
  await rooms(page).getByRole('button', { name: 'New room' }).first().click()
  const name = page.getByLabel('Name')
  await expect(name).toBeFocused()
  await expect(name).toHaveAccessibleDescription(/1 to 80 characters/)
  await name.press('Enter')
  await expect(name).toHaveAccessibleDescription('Give the room a name.')
  await name.fill('x'.repeat(82))
  await name.press('Enter')
  await expect(name).toHaveAccessibleDescription('2 characters too long.')
  await name.fill('Café')
  await name.press('Enter')
  await expect(title(page)).toHaveText(/Café/)

  await rooms(page).getByRole('button', { name: 'New room' }).click()
  await name.fill('CAFÉ')
  await name.press('Enter')
  await expect(name).toHaveAccessibleDescription('A room with this or a look-alike name exists.')
  await expect(name).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(rooms(page).getByRole('button', { name: 'New room' })).toBeFocused()
})

test('U-10 a room appears for everybody at once, is read as a preview, and joined on purpose', async ({
  device,
}) => {
  const ann = await device()
  const bo = await device()
  await signUp(ann, 'ann')
  await signUp(bo, 'bo')
  await createRoom(ann, 'general')
  await say(ann, 'welcome')

  await expect(rooms(bo).getByRole('link', { name: 'general' })).toBeVisible()
  await openRoom(bo, 'general')
  await expect(rows(bo)).toHaveText([/welcome/])
  await expect(composer(bo)).toHaveCount(0)
  await say(ann, 'are you there?')
  await expect(rows(bo)).toHaveCount(2)
  await expect(ann.getByText('bo joined')).toHaveCount(0)

  await bo.getByRole('button', { name: 'Join room' }).click()
  await say(bo, 'now I am')
  await expect(rows(ann)).toHaveCount(3)
  await expect(ann.getByText('bo joined')).toBeVisible()
  await expect(ann.getByText('2 members')).toBeVisible()
})

test('U-10 an address of no room says so', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await page.goto('/r/4711')
  await expect(page.getByRole('heading', { name: 'There is no such room' })).toBeVisible()
  await page.getByRole('button', { name: 'Back to rooms' }).click()
  await expect(page).toHaveURL(/\/$/)
})

test('U-11 the switcher and Alt with an arrow go from room to room without a mouse', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  for (const name of ['alpha', 'beta', 'gamma rays']) await createRoom(page, name)

  await page.keyboard.press('Control+k')
  const search = page.getByRole('combobox', { name: 'Go to room' })
  await expect(search).toBeFocused()
  await expect(page.getByRole('option')).toHaveCount(3)
  await search.pressSequentially('ry')
  await expect(page.getByRole('option')).toHaveText([/gamma rays/])
  await search.fill('')
  await search.press('ArrowDown')
  await expect(page.getByRole('option', { selected: true })).toHaveText(/beta/)
  await search.press('Escape')
  await expect(search).toHaveCount(0)
  await expect(composer(page)).toBeFocused()

  await page.keyboard.press('Control+k')
  await search.fill('alp')
  await search.press('Enter')
  await expect(title(page)).toHaveText(/alpha/)
  await page.keyboard.press('Alt+ArrowDown')
  await expect(title(page)).toHaveText(/beta/)
  await page.keyboard.press('Alt+ArrowUp')
  await page.keyboard.press('Alt+ArrowUp')
  await expect(title(page)).toHaveText(/gamma rays/)
})

test('U-12 a room in the background shows what is unread, in the list and in the title', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  await bo.say(news.id, 'before')
  await joinRoom(page, 'news')
  await createRoom(page, 'general')
  const link = rooms(page).getByRole('link', { name: 'news' })
  await expect(link).toHaveAccessibleName('news')

  await bo.say(news.id, 'one')
  await bo.say(news.id, 'two')
  await expect(link).toHaveAccessibleName(/2 unread messages/)
  await expect(page).toHaveTitle('(2) general · Parley')

  await page.reload()
  await expect(link).toHaveAccessibleName(/2 unread messages/)

  await link.click()
  await expect(page.getByText('New', { exact: true })).toBeVisible()
  await expect(rows(page)).toHaveText([/before/, /one/, /two/])
  await expect(link).toHaveAccessibleName('news')
  await expect(page).toHaveTitle('news · Parley')
  await page.keyboard.press('Escape')
  await expect(page.getByText('New', { exact: true })).toHaveCount(0)
})
