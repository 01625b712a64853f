import type { Page } from '@playwright/test'
import { tellStory } from './conversation'
import { composer, createRoom, expect, rooms, rows, say, signUp, test, title } from './parley'

const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true }

/** How far the page can be moved sideways, in pixels. */
const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Visible controls that are smaller than a finger, with their size. */
const small = (page: Page) =>
  page.locator('button, a:not([role="article"] a), input, textarea').evaluateAll((controls) =>
    controls
      .filter((control) => control.checkVisibility() && !control.closest('[role="article"]'))
      .map((control) => ({ box: control.getBoundingClientRect(), control }))
      .filter(
        ({ box, control }) =>
          box.height < 40 && !(control as HTMLInputElement).labels?.length && box.bottom > 0,
      )
      .map(({ box, control }) => `${control.outerHTML.slice(0, 80)}: ${box.width}×${box.height}`),
  )

test('U-81 one column with a way back, nothing sideways, targets for fingers', async ({ device, parley }) => {
  await tellStory(parley)
  const page = await device(phone)
  await page.goto('/')
  expect(await sideways(page)).toBe(0)
  await signUp(page, 'ann')
  expect(await sideways(page)).toBe(0)
  expect(await small(page)).toEqual([])
  await expect(page.getByRole('main').getByRole('navigation')).toBeVisible()

  await rooms(page).getByRole('link', { name: 'harbour-festival' }).tap()
  await expect(rooms(page)).toHaveCount(0)
  await page.getByRole('button', { name: 'Join room' }).tap()
  await expect(composer(page)).toBeVisible()
  await expect(composer(page)).not.toBeFocused()
  await say(page, `a word too long for a line: ${'x'.repeat(200)}`)
  await expect(rows(page).last()).toBeInViewport()
  expect(await sideways(page)).toBe(0)
  expect(await small(page)).toEqual([])

  await page.getByRole('button', { name: /^Members/ }).tap()
  const sheet = page.getByRole('dialog', { name: /members?$/ })
  await expect(sheet).toBeVisible()
  // It slides in, and comes to rest at the lower edge.
  const edge = async () => {
    const box = await sheet.boundingBox()
    return (box?.y ?? 0) + (box?.height ?? 0)
  }
  await expect.poll(edge).toBe(640)
  await sheet.getByRole('button', { name: 'Close' }).tap()
  await expect(sheet).toHaveCount(0)

  await page.getByRole('button', { name: 'Back to rooms' }).tap()
  await expect(rooms(page)).toBeVisible()
  await createRoom(page, 'a room with a very long name that has to be cut somewhere')
  expect(await sideways(page)).toBe(0)
  await page.goBack()
  await createRoom(page, 'x'.repeat(80))
  await page.getByRole('button', { name: 'More about this room' }).tap()
  await page.getByRole('dialog').getByRole('button', { name: 'Leave the room' }).tap()
  const question = page.getByRole('dialog', { name: /^Leave x/ })
  await expect(question.getByRole('button', { name: 'Leave the room' })).toBeInViewport({ ratio: 1 })
  expect(await question.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0)
  await page.keyboard.press('Escape')
  await page.goBack()
  await expect(rooms(page)).toBeVisible()
  await expect(title(page)).toHaveText('Parley')
})
