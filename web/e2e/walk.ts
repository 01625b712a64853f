import { expect, type Page } from '@playwright/test'
import { scroller } from './parley'

/**
 * Walk reads the whole room through the page, from where it stands up to the
 * beginning, and gives what was said in its order. Rows that were seen before
 * must come again where they were: nothing is twice, and nothing is missing
 * between two looks. The row at the top stays where it is, to the pixel, while
 * others come above it.
 */
export async function walk(page: Page): Promise<string[]> {
  const beginning = page.getByRole('heading', { name: /^The beginning of / })
  const { said, fault, moved } = await scroller(page).evaluate(async (box) => {
    const order: string[] = []
    const words: string[] = []
    const seen = new Set<string>()
    let lastNews = performance.now()
    const look = (): string | undefined => {
      const rows = [...box.querySelectorAll<HTMLElement>('[role="article"]')]
      const keys = rows.map((row) => row.dataset.row ?? '')
      const old = order.length === 0 ? keys.length : keys.indexOf(order[0] as string)
      if (old < 0) return 'what was seen last is not there any more'
      if (order.length > 0 && keys.slice(old).some((key, i) => key !== order[i]))
        return 'the order has changed'
      const news = keys.slice(0, old)
      if (news.length === 0) return undefined
      lastNews = performance.now()
      for (const key of news) seen.add(key)
      order.unshift(...news)
      words.unshift(...rows.slice(0, old).map((row) => row.querySelector('[data-words]')?.textContent ?? ''))
      return seen.size === order.length ? undefined : 'a message is there twice'
    }
    const topRow = () => {
      const edge = box.getBoundingClientRect().top
      const rows = [...box.querySelectorAll('[role="article"]')]
      return rows.find((row) => row.getBoundingClientRect().bottom > edge)
    }
    let moved = 0
    const done = () => box.querySelector('h2') !== null && box.scrollTop === 0
    for (let resting = 0; resting < 3; ) {
      const fault = look()
      if (fault) return { said: words, fault, moved }
      if (performance.now() - lastNews > 60_000) return { said: words, fault: 'nothing older comes', moved }
      resting = done() ? resting + 1 : 0
      box.scrollTop = 0
      // The page takes note of where it is looked at; from then on nothing but it moves the rows.
      await new Promise(requestAnimationFrame)
      const row = topRow()
      const top = row?.getBoundingClientRect().top ?? 0
      await new Promise(requestAnimationFrame)
      if (row?.isConnected) moved = Math.max(moved, Math.abs(row.getBoundingClientRect().top - top))
    }
    return { said: words, fault: look(), moved }
  })
  expect(fault, `after ${said.length} messages`).toBeUndefined()
  expect(moved, 'pixels that a row moved by itself').toBeLessThanOrEqual(1)
  await expect(beginning).toBeVisible()
  return said
}
