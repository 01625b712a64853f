import type { Page } from '@playwright/test'
import { Bot } from './bot'
import { composer, createRoom, expect, joinRoom, openRoom, rooms, rows, say, signUp, test } from './parley'

const link = (page: Page, name: string) => rooms(page).getByRole('link', { name: new RegExp(`^${name}`) })
const dialog = (page: Page) => page.getByRole('dialog')

test('A-04 Shift+Esc marks everything as read when that is wanted, and so does a menu', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const made = [await bo.createRoom('news'), await bo.createRoom('talk')]
  for (const { name } of made) await joinRoom(page, name)
  await createRoom(page, 'general')
  const unread = async () => {
    for (const { id } of made) await bo.say(id, 'something new')
    for (const { name } of made) await expect(link(page, name)).toHaveAccessibleName(/1 unread message/)
  }
  const read = async () => {
    for (const { name } of made) await expect(link(page, name)).toHaveAccessibleName(name)
  }
  await unread()
  await composer(page).press('Shift+Escape')
  await expect(dialog(page)).toContainText('2 messages')
  await page.keyboard.press('Escape')
  await expect(dialog(page)).toHaveCount(0)
  await expect(link(page, 'news')).toHaveAccessibleName(/1 unread message/)
  await page.keyboard.press('Shift+Escape')
  await dialog(page).getByRole('button', { name: 'Mark all as read' }).press('Enter')
  await read()
  await expect(dialog(page)).toHaveCount(0)
  // Where nothing waits there is nothing to ask.
  await page.keyboard.press('Shift+Escape')
  await expect(dialog(page)).toHaveCount(0)

  await unread()
  await link(page, 'talk').focus()
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menuitem', { name: 'Mark as read', exact: true }).press('Enter')
  await expect(link(page, 'talk')).toHaveAccessibleName('talk')
  await expect(link(page, 'news')).toHaveAccessibleName(/1 unread message/)
  await link(page, 'talk').focus()
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menuitem', { name: 'Mark all as read' }).press('Enter')
  await dialog(page).getByRole('button', { name: 'Mark all as read' }).press('Enter')
  await read()
  // The server knows it.
  await page.reload()
  await expect(link(page, 'general')).toBeVisible()
  await read()
})

test('A-04 Ctrl+Home and Ctrl+End lead to the oldest loaded message and to the latest, but not out of what is written', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const { id } = await bo.createRoom('news')
  for (let i = 0; i < 40; i++) await bo.say(id, `line ${i}`)
  await joinRoom(page, 'news')
  await expect(rows(page)).toHaveCount(40)
  await composer(page).press('Control+Home')
  await expect(rows(page).first()).toBeFocused()
  await expect(rows(page).first()).toBeInViewport()
  await page.keyboard.press('Control+End')
  await expect(rows(page).last()).toBeInViewport()

  await composer(page).fill('two words')
  await composer(page).press('Control+Home')
  await page.keyboard.type('now ')
  await expect(composer(page)).toHaveValue('now two words')
  await expect(rows(page).last()).toBeInViewport()
})

test('A-04 the list of keys opens by Ctrl+/ and by ?, and letters alone can be switched off', async ({
  device,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await say(page, 'hello')
  await expect(rows(page)).toHaveAccessibleName(/\d, hello$/)
  const edit = page.getByRole('textbox', { name: 'Edit message' })
  const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' })

  await composer(page).press('Control+/')
  await expect(keys).toBeVisible()
  await page.keyboard.press('Escape')
  await composer(page).pressSequentially('why?')
  await expect(composer(page)).toHaveValue('why?')
  await expect(keys).toHaveCount(0)
  await rows(page).focus()
  await page.keyboard.press('?')
  await expect(keys).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(rows(page)).toBeFocused()
  await page.keyboard.press('e')
  await expect(edit).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(rows(page)).toBeFocused()

  await page.keyboard.press('?')
  await keys.getByRole('checkbox').uncheck()
  await page.keyboard.press('Escape')
  await expect(rows(page)).toBeFocused()
  for (const key of ['e', 'c', 'u', '?']) await page.keyboard.press(key)
  await expect(edit).toHaveCount(0)
  await expect(keys).toHaveCount(0)
  await expect(link(page, 'general')).toHaveAccessibleName('general')
  // It stays so on this device, and what is no letter goes on.
  await page.reload()
  // The composer takes the focus when it comes.
  await expect(composer(page)).toBeFocused()
  await rows(page).focus()
  await page.keyboard.press('e')
  await expect(edit).toHaveCount(0)
  await page.keyboard.press('Delete')
  await expect(dialog(page)).toBeVisible()
})

test('A-04 keys of the page leave input methods alone', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  // Whether the page has taken it.
  const press = (init: { key: string; ctrlKey: true; isComposing?: boolean; keyCode?: number }) =>
    page.evaluate((init) => {
      const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })
      document.querySelector('#composer')?.dispatchEvent(event)
      return event.defaultPrevented
    }, init)
  for (const composing of [{ isComposing: true }, { keyCode: 229 }])
    for (const key of ['k', '/', '.', 'b'])
      expect(await press({ key, ctrlKey: true, ...composing }), key).toBe(false)
  await expect(dialog(page)).toHaveCount(0)
  expect(await press({ key: '/', ctrlKey: true })).toBe(true)
  await expect(dialog(page)).toBeVisible()
})

test('A-04 Ctrl+. shows and hides the members, whatever has the focus', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  const panel = page.getByRole('complementary', { name: 'Members' })
  await expect(panel).toBeVisible()
  await composer(page).press('Control+.')
  await expect(panel).toHaveCount(0)
  await link(page, 'general').press('Control+.')
  await expect(panel).toBeVisible()
  await createRoom(page, 'other')
  await openRoom(page, 'general')
  await page.setViewportSize({ width: 700, height: 600 })
  await expect(panel).toHaveCount(0)
  await composer(page).press('Control+.')
  await expect(dialog(page)).toBeVisible()
})
