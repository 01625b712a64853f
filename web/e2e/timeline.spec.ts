import type { Page } from '@playwright/test'
import { address, Bot, password } from './bot'
import {
  atBottom,
  composer,
  expect,
  fromBottom,
  joinRoom,
  openRoom,
  rested,
  rows,
  say,
  scroller,
  signUp,
  test,
  texts,
} from './parley'
import type { Parley } from './server'
import { zoneAt } from './zone'

/** A room with so many messages of several people; their texts, in order. */
async function history(
  parley: Parley,
  count: number,
): Promise<{ room: number; said: string[]; bots: Bot[] }> {
  const bots = await Promise.all(
    Array.from({ length: Math.ceil(count / 45) }, (_, i) => Bot.register(parley.url, `bot${i}`)),
  )
  const room = (await (bots[0] as Bot).createRoom('archive')).id
  for (const bot of bots) await bot.join(room)
  for (const bot of bots) bot.leave()
  const said: string[] = []
  for (let i = 0; i < count; i++) {
    const bot = bots[i % bots.length] as Bot
    const text = i % 7 === 3 ? `line ${i}\n${'long text '.repeat(30)}` : `line ${i}`
    await bot.say(room, text)
    said.push(text.trim())
  }
  return { room, said, bots }
}

/** Where the first row in sight stands, and which one it is. */
function topRow(page: Page): Promise<{ key: string; top: number }> {
  return scroller(page).evaluate((box) => {
    const edge = box.getBoundingClientRect().top
    for (const row of box.querySelectorAll<HTMLElement>('[role="article"]')) {
      const { top, bottom } = row.getBoundingClientRect()
      if (bottom > edge) return { key: row.dataset.row ?? '', top }
    }
    throw new Error('no row in sight')
  })
}

for (const locale of ['en-US', 'en-GB', 'de', 'ja', 'ar', 'ar-SA'])
  test(`U-27 U-82 the time beside a message has room in its column, in ${locale}`, async ({
    device,
    parley,
  }) => {
    // No hour is longer in any language than those after ten in the evening.
    const page = await device({ locale, timezoneId: zoneAt(22) })
    const bo = await Bot.register(parley.url, 'bo')
    const room = await bo.createRoom('general')
    for (const text of ['one', 'two', 'three']) await bo.say(room.id, text)
    await page.goto(`/r/${room.id}`)
    await page.locator('[autocomplete=username]').fill(address('bo'))
    await page.locator('[autocomplete=current-password]').fill(password)
    await page.keyboard.press('Enter')
    await expect(rows(page)).toHaveCount(3)
    const tooWide = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('[role=article] > time')].map((time) => {
          const words = document.createRange()
          words.selectNodeContents(time)
          return words.getBoundingClientRect().width - time.getBoundingClientRect().width
        }),
      )
    for (const density of ['comfortable', 'compact']) {
      await page.evaluate((density) => {
        document.documentElement.dataset.density = density
      }, density)
      const widths = await tooWide()
      expect(widths).toHaveLength(2)
      for (const width of widths) expect(width, density).toBeLessThanOrEqual(0)
    }
  })

test('U-20 U-21 all of a long history is scrolled back, in order, once, and nothing jumps', async ({
  device,
  parley,
}) => {
  const { said } = await history(parley, 420)
  const page = await device()
  await signUp(page, 'ann')
  await joinRoom(page, 'archive')
  await expect(rows(page).last()).toContainText('line 419')
  await atBottom(page)

  const seen = new Map<string, string>()
  const order: string[] = []
  const collect = async () => {
    const found = await rows(page).evaluateAll((all) =>
      all.map((row) => [
        (row as HTMLElement).dataset.row ?? '',
        row.querySelector('[data-words]')?.textContent ?? '',
      ]),
    )
    expect(found.length).toBeLessThanOrEqual(350)
    for (const [key = '', text = ''] of found.reverse()) {
      if (!seen.has(key)) order.unshift(text)
      seen.set(key, text)
    }
  }
  await collect()
  const beginning = page.getByRole('heading', { name: 'The beginning of archive' })
  for (let step = 0; step < 400; step++) {
    // As a wheel does it, with the page's own frames between.
    await page.mouse.move(600, 400)
    await page.mouse.wheel(0, -700)
    await page.evaluate(() => new Promise(requestAnimationFrame))
    await collect()
    const shift = await scroller(page).evaluate(async (box) => {
      const row = [...box.querySelectorAll('[role="article"]')].find(
        (each) => each.getBoundingClientRect().bottom > box.getBoundingClientRect().top,
      )
      const scrolled = box.scrollTop
      const before = row?.getBoundingClientRect().top ?? 0
      let worst = 0
      for (let frame = 0; frame < 3; frame++) {
        await new Promise(requestAnimationFrame)
        if (!row?.isConnected || box.scrollTop === scrolled) continue
        worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - before))
      }
      return worst
    })
    expect(shift).toBeLessThanOrEqual(1)
    if ((await beginning.count()) > 0 && (await scroller(page).evaluate((box) => box.scrollTop)) === 0) break
  }
  await expect(beginning).toBeInViewport()
  expect(order.map((text) => text.trim())).toEqual(said)

  await page.getByRole('button', { name: 'Jump to latest' }).click()
  await expect(rows(page).last()).toContainText('line 419')
  await atBottom(page)
})

test('U-22 U-24 the bottom follows, a reader above is left alone, an own message leads back', async ({
  device,
  parley,
}) => {
  const { room, bots } = await history(parley, 60)
  const bot = bots[0] as Bot
  const page = await device()
  await signUp(page, 'ann')
  await joinRoom(page, 'archive')
  await bot.say(room, 'followed')
  await expect(rows(page).last()).toContainText('followed')
  await atBottom(page)

  await page.mouse.move(600, 400)
  await page.mouse.wheel(0, -900)
  await expect.poll(() => fromBottom(page)).toBeGreaterThan(600)
  await rested(page)
  const before = await topRow(page)
  for (const text of ['a', 'b', 'c']) await bot.say(room, `unseen ${text}`)
  const pill = page.getByRole('button', { name: '3 new messages' })
  await expect(pill).toBeVisible()
  const after = await topRow(page)
  expect(after.key).toBe(before.key)
  expect(Math.abs(after.top - before.top)).toBeLessThanOrEqual(1)
  await pill.click()
  await expect(pill).toHaveCount(0)
  await atBottom(page)

  await page.mouse.wheel(0, -900)
  await expect.poll(() => fromBottom(page)).toBeGreaterThan(600)
  await say(page, 'mine')
  await expect(rows(page).last()).toContainText('mine')
  await atBottom(page)
})

test('U-26 U-27 days are marked, and one author within five minutes is a group', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const room = await bo.createRoom('general')
  await joinRoom(page, 'general')
  await bo.say(room.id, 'one')
  await bo.say(room.id, 'two')
  await say(page, 'three')
  await expect(rows(page)).toHaveCount(3)
  await expect(page.getByText('Today')).toHaveCount(1)
  await expect(rows(page).nth(0)).toContainText('bo')
  await expect(rows(page).nth(1)).not.toContainText('bo')
  await expect(rows(page).nth(2)).toContainText('ann')
})

test('a message is text: links lead only where they say, and nothing else is markup', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await page.getByRole('button', { name: 'New room' }).first().click()
  const hostile = '<img src=x onerror=alert(1)>'
  await page.getByLabel('Name').fill(hostile)
  await page.getByRole('button', { name: 'Create room' }).click()
  page.on('dialog', () => {
    throw new Error('a script ran')
  })
  await say(page, '<script>alert(1)</script> javascript:alert(1)')
  await say(page, 'see https://example.org/a?b=<i>. "https://example.org/c"')
  await expect(rows(page)).toHaveCount(2)
  expect(await texts(page)).toEqual([
    '<script>alert(1)</script> javascript:alert(1)',
    'see https://example.org/a?b=<i>. "https://example.org/c"',
  ])
  const links = rows(page).getByRole('link')
  await expect(links).toHaveCount(2)
  await expect(links.first()).toHaveAttribute('href', 'https://example.org/a?b=')
  await expect(links.last()).toHaveText('https://example.org/c')
  for (const link of await links.all()) {
    await expect(link).toHaveAttribute('rel', 'noopener noreferrer')
    await expect(link).toHaveAttribute('target', '_blank')
  }
})

test('U-20 coming back to a room shows its end', async ({ device, parley }) => {
  await history(parley, 60)
  const page = await device()
  await signUp(page, 'ann')
  await joinRoom(page, 'archive')
  await page.getByRole('button', { name: 'New room' }).click()
  await page.getByLabel('Name').fill('other')
  await page.getByLabel('Name').press('Enter')
  await expect(composer(page)).toHaveAccessibleName('Message other')
  await openRoom(page, 'archive')
  await expect(rows(page).last()).toBeInViewport()
  await atBottom(page)
})
