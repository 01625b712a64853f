import type { Locator, Page } from '@playwright/test'
import { Bot } from './bot'
import { createRoom, expect, joinRoom, rooms, rows, say, settled, signUp, test } from './parley'

/** Ways of seeing in which everything has to stay in sight. */
const sights = [
  { name: 'forced colours, light', media: { forcedColors: 'active', colorScheme: 'light' } },
  { name: 'forced colours, dark', media: { forcedColors: 'active', colorScheme: 'dark' } },
  { name: 'more contrast, light', media: { contrast: 'more', colorScheme: 'light' } },
  { name: 'more contrast, dark', media: { contrast: 'more', colorScheme: 'dark' } },
] as const

/** What the page shows around an element, as bytes of a PNG. */
async function around(page: Page, element: Locator): Promise<string> {
  await settled(page)
  const box = await element.boundingBox()
  if (!box) throw new Error('not in sight')
  const clip = { x: box.x - 5, y: box.y - 5, width: box.width + 10, height: box.height + 10 }
  return (await page.screenshot({ clip, caret: 'hide' })).toString('base64')
}

/**
 * How many pixels stand out by 3:1: of one picture from its most frequent
 * colour, of two from what was in the same place before.
 */
function standOut(page: Page, now: string, before?: string): Promise<number> {
  return page.evaluate(
    async ([now, before]) => {
      const pixels = async (png: string) => {
        const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))
        const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
        const context = canvas.getContext('2d')
        context?.drawImage(bitmap, 0, 0)
        return new Uint32Array(
          context?.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer ?? new ArrayBuffer(0),
        )
      }
      const luminance = (colour: number) => {
        const [red = 0, green = 0, blue = 0] = [0, 8, 16].map((by) => {
          const part = ((colour >>> by) & 255) / 255
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
        })
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
      }
      const differ = (one: number, other: number) => {
        const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
        return (light + 0.05) / (dark + 0.05) >= 3
      }
      const picture = await pixels(now ?? '')
      const earlier = before === undefined ? undefined : await pixels(before)
      const counts = new Map<number, number>()
      for (const pixel of picture) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
      const ground = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0
      return picture.reduce(
        (sum, pixel, at) => sum + (differ(pixel, earlier ? (earlier[at] ?? 0) : ground) ? 1 : 0),
        0,
      )
    },
    [now, before],
  )
}

for (const { name, media } of sights)
  test(`U-80 in ${name} one sees the focus, what is chosen, what is unread, and the buttons`, async ({
    device,
    parley,
  }) => {
    const page = await device()
    await signUp(page, 'ann')
    const bo = await Bot.register(parley.url, 'bo')
    const other = await bo.createRoom('quay')
    await joinRoom(page, 'quay')
    await createRoom(page, 'harbour')
    await say(page, 'hello')
    await expect(rows(page)).toHaveCount(1)
    await bo.say(other.id, 'for @ann')
    await page.emulateMedia(media)

    const quay = rooms(page).getByRole('link', { name: 'quay' })
    const count = quay.getByText('@', { exact: true })
    await expect(count).toBeVisible()
    const seen = async (what: string, element: Locator) =>
      expect(await standOut(page, await around(page, element)), what).toBeGreaterThan(20)
    await seen('what is unread', count)
    await page.locator('#composer').fill('something')
    await seen('the button that sends', page.getByRole('button', { name: 'Send message' }))
    await seen('a button that is an icon', page.getByRole('button', { name: 'New room' }).first())
    await seen('the edge of the composer', page.locator('#composer'))

    // The room that is open differs from the others by more than its name.
    const here = rooms(page).getByRole('link', { name: 'harbour' })
    const look = (element: Locator) =>
      element.evaluate((link) => {
        const { backgroundColor, outlineStyle, borderStyle, color } = getComputedStyle(link)
        return [backgroundColor, outlineStyle, borderStyle, color].join()
      })
    expect(await look(here)).not.toBe(await look(quay))

    const row = rows(page).last()
    for (const [what, element] of [
      ['a message', row],
      ['a room', quay],
      ['a button', page.getByRole('button', { name: 'New room' }).first()],
    ] as const) {
      await page.locator('#composer').focus()
      const before = await around(page, element)
      // The way of the keyboard, so that the focus is shown.
      await page.keyboard.press('Shift')
      await element.focus()
      const now = await around(page, element)
      expect(await standOut(page, now, before), `the focus on ${what}`).toBeGreaterThan(60)
    }

    await page.keyboard.press('Control+k')
    const chosen = page.getByRole('option', { selected: true })
    await expect(chosen).toHaveCount(1)
    await settled(page)
    const first = await chosen.evaluate((option) => getComputedStyle(option).outlineStyle)
    const ground = await chosen.evaluate((option) => getComputedStyle(option).backgroundColor)
    const rest = page.getByRole('option', { selected: false }).first()
    const restGround = await rest.evaluate((option) => getComputedStyle(option).backgroundColor)
    expect(first !== 'none' || ground !== restGround, 'the chosen room').toBe(true)
    bo.leave()
  })
