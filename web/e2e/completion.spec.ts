import type { Page } from '@playwright/test'
import { Bot } from './bot'
import {
  createRoom,
  expect,
  joinRoom,
  openRoom,
  roomIn,
  rooms,
  rows,
  sent,
  signIn,
  signUp,
  test,
  words,
} from './parley'

const list = (page: Page, name: string) => page.getByRole('listbox', { name })
const options = (page: Page) => page.getByRole('option')
const chosen = (page: Page) => page.getByRole('option', { selected: true })
const box = (page: Page) => page.locator('#composer')

/** Writes key by key, as people do, until the list is there: what it is made by is fetched when the page has time. */
async function writeFor(page: Page, text: string, name: string): Promise<void> {
  await expect(async () => {
    await box(page).fill('')
    await box(page).pressSequentially(text)
    await expect(list(page, name)).toBeVisible({ timeout: 1_000 })
  }).toPass()
}

test('U-45 people are offered behind an @: members first, others marked, and the mention reaches them', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'harbour')
  const annika = await Bot.register(parley.url, 'annika')
  const bo = await Bot.register(parley.url, 'bo.anders')
  const harbour = await roomIn(page)
  await annika.join(harbour)
  // Known from another room alone.
  const quay = await bo.createRoom('quay')
  await bo.join(quay.id)
  await joinRoom(page, 'quay')
  await openRoom(page, 'harbour')

  await writeFor(page, 'Hello @', 'People')
  await expect(options(page)).toHaveText([/annika@annika$/, /bo\.anders@bo\.andersNot in this room$/])
  await expect(page.getByText('2 suggestions')).toBeAttached()
  await expect(box(page)).toHaveRole('combobox')
  await expect(box(page)).toBeFocused()
  await expect(box(page)).toHaveAttribute('aria-expanded', 'true')
  const active = () => box(page).getAttribute('aria-activedescendant')
  await expect(chosen(page)).toHaveAttribute('id', (await active()) ?? '')
  await page.keyboard.press('ArrowDown')
  await expect(chosen(page)).toHaveText(/bo\.anders/)
  await expect(chosen(page)).toHaveAttribute('id', (await active()) ?? '')
  await page.keyboard.press('ArrowDown')
  await expect(chosen(page)).toHaveText(/annika/)

  await page.keyboard.press('Tab')
  await expect(list(page, 'People')).toBeHidden()
  await expect(box(page)).toHaveValue('Hello @annika ')
  await expect(box(page)).toHaveRole('textbox')
  await expect(box(page)).toBeFocused()
  // One step of what can be undone.
  await page.keyboard.press('Control+z')
  await expect(box(page)).toHaveValue('Hello @')
  await page.keyboard.press('Control+Shift+z')
  await page.keyboard.press('Enter')
  await expect(words(page)).toHaveText(['Hello @annika'])

  // A name that is complete is sent by one Enter.
  await writeFor(page, '@annika', 'People')
  await page.keyboard.press('Enter')
  await expect(words(page)).toHaveText(['Hello @annika', '@annika'])
  const other = await device()
  await other.goto('/')
  await signIn(other, 'annika')
  await expect(rooms(other).getByText('@', { exact: true })).toBeVisible()
  annika.leave()
  bo.leave()
})

test('U-45 Esc closes the list before it means anything else, and keys of a composition are not the list’s', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'harbour')
  const bo = await Bot.register(parley.url, 'bo')
  await bo.join(await roomIn(page))

  await writeFor(page, '@b', 'People')
  await page.keyboard.press('Escape')
  await expect(list(page, 'People')).toBeHidden()
  await expect(box(page)).toHaveValue('@b')
  await page.keyboard.type('o')
  await expect(options(page)).toHaveCount(0)
  await page.keyboard.type(' and @b')
  await expect(list(page, 'People')).toBeVisible()

  // The Enter that ends a composition chooses nothing.
  await box(page).dispatchEvent('keydown', { key: 'Enter', keyCode: 229 })
  await box(page).dispatchEvent('keydown', { key: 'Enter', isComposing: true })
  await expect(box(page)).toHaveValue('@bo and @b')
  await expect(list(page, 'People')).toBeVisible()
  await box(page).press('ArrowLeft')
  await expect(list(page, 'People')).toBeHidden()
  await page.keyboard.press('Enter')
  await expect(words(page)).toHaveText(['@bo and @b'])
  await sent(rows(page))

  // In the box that writes a message anew Esc leaves the word first, and the box second.
  await page.keyboard.press('ArrowUp')
  const edit = page.locator('[aria-describedby="edit-note"]')
  await expect(edit).toBeFocused()
  await expect(async () => {
    await edit.fill('')
    await edit.pressSequentially('hi @b')
    await expect(list(page, 'People')).toBeVisible({ timeout: 1_000 })
  }).toPass()
  await page.keyboard.press('Escape')
  await expect(list(page, 'People')).toBeHidden()
  await expect(edit).toBeFocused()
  await page.keyboard.type('x @')
  await page.keyboard.press('Enter')
  await expect(edit).toHaveValue('hi @bx @bo ')
  await page.keyboard.press('Escape')
  await expect(edit).toBeHidden()
  await expect(words(page)).toHaveText(['@bo and @b'])
  bo.leave()
})

test('U-45 rooms behind a # and emoji behind a :, by pointer and by finger, which takes no focus', async ({
  device,
}) => {
  const page = await device({ hasTouch: true })
  await signUp(page, 'ann')
  await createRoom(page, 'sound and light')
  await createRoom(page, 'harbour')

  await writeFor(page, 'see #', 'Rooms')
  await expect(options(page)).toHaveText(['harbour', 'sound and light'])
  await page.keyboard.type('sound an')
  await expect(options(page)).toHaveText(['sound and light'])
  await options(page).click()
  await expect(box(page)).toHaveValue('see #sound and light ')
  await expect(box(page)).toBeFocused()

  const fetched = page.waitForRequest(/emojiList/)
  await page.keyboard.type(':')
  await fetched
  await page.keyboard.type('ta')
  await expect(list(page, 'Emoji')).toBeVisible()
  await page.keyboard.type('da')
  await expect(chosen(page)).toHaveText('🎉:tada:')
  await chosen(page).tap()
  await expect(box(page)).toHaveValue('see #sound and light 🎉 ')
  await expect(box(page)).toBeFocused()
  await page.keyboard.type(':+1: and 10:30: :)')
  await expect(box(page)).toHaveValue('see #sound and light 🎉 👍️ and 10:30: :)')
  // What was written is there again on the way back.
  await page.keyboard.press('Enter')
  await expect(words(page)).toHaveText(['see #sound and light 🎉 👍️ and 10:30: :)'])
})

test('U-45 the list stands above what is written, at the word, also from right to left', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'harbour')
  const bo = await Bot.register(parley.url, 'bo')
  await bo.join(await roomIn(page))
  const place = async () => {
    const [at, field] = await Promise.all([list(page, 'People').boundingBox(), box(page).boundingBox()])
    if (!at || !field) throw new Error('not in sight')
    expect(at.y + at.height).toBeLessThanOrEqual(field.y)
    expect(at.x).toBeGreaterThanOrEqual(0)
    return { start: at.x - field.x, end: field.x + field.width - at.x - at.width }
  }
  await writeFor(page, '@b', 'People')
  const first = await place()
  expect(first.start).toBeLessThan(30)
  await writeFor(page, 'one\ntwo\nthree words more @b', 'People')
  expect((await place()).start).toBeGreaterThan(first.start + 100)
  await writeFor(page, 'مرحبا @b', 'People')
  const { end } = await place()
  expect(end).toBeGreaterThan(20)
  expect(end).toBeLessThan(200)
  bo.leave()
})
