import type { Page } from '@playwright/test'
import { expect, signUp, test } from './parley'

const sidebar = (page: Page) => page.getByRole('navigation', { name: 'Rooms' })
const width = async (page: Page) => Math.round((await sidebar(page).boundingBox())?.width ?? 0)

test('A-04 the sidebar is as wide as one makes it, by dragging or by keys, also after a reload', async ({
  device,
}) => {
  const page = await device({ viewport: { width: 1100, height: 700 } })
  await signUp(page, 'ann')
  const edge = page.getByRole('separator', { name: 'Width of the room list' })
  const first = await width(page)
  await expect(edge).toHaveAttribute('aria-valuenow', String(first))

  await edge.focus()
  await page.keyboard.press('ArrowRight')
  await expect(edge).toHaveAttribute('aria-valuenow', String(first + 16))
  await expect.poll(() => width(page)).toBe(first + 16)
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => width(page)).toBe(400)
  await page.keyboard.press('Home')
  await expect.poll(() => width(page)).toBe(200)

  await edge.hover()
  await page.mouse.down()
  await page.mouse.move(330, 300, { steps: 4 })
  await page.mouse.up()
  await expect.poll(() => width(page)).toBe(330)
  await page.reload()
  await expect(sidebar(page)).toBeVisible()
  await expect.poll(() => width(page)).toBe(330)

  // It stays where it was let go, also by a page that has not come to rendering the way there.
  await edge.hover()
  await page.mouse.down()
  await page.mouse.move(300, 300, { steps: 4 })
  const busy = page.evaluate(() => {
    for (const end = performance.now() + 300; performance.now() < end; );
  })
  await Promise.all([busy, page.mouse.move(250, 300), page.mouse.up()])
  await expect.poll(() => width(page)).toBe(250)

  await edge.dblclick()
  await expect.poll(() => width(page)).toBe(first)
  await page.reload()
  await expect(edge).toHaveAttribute('aria-valuenow', String(first))
})

test('A-04 from right to left the edge follows the pointer and the arrow keys', async ({ device }) => {
  const page = await device({ viewport: { width: 1100, height: 700 } })
  await signUp(page, 'ann')
  await page.evaluate(() => localStorage.setItem('parley.language', 'ar'))
  await page.reload()
  const edge = page.getByRole('separator')
  const nav = page.getByRole('navigation')
  const now = async () => Math.round((await nav.boundingBox())?.width ?? 0)
  await edge.focus()
  const first = await now()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(now).toBe(first + 16)
  await edge.hover()
  await page.mouse.down()
  await page.mouse.move(1100 - 310, 300, { steps: 4 })
  await page.mouse.up()
  await expect.poll(now).toBe(310)
})
