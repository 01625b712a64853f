import { expect, type Page } from '@playwright/test'
import { scroller } from './parley'

/**
 * Walk reads the whole room through the page, from where it stands up to the
 * beginning, and gives what was said in its order. Rows that were seen before
 * must come again where they were: nothing is twice, and nothing is missing
 * between two looks.
 */
export async function walk(page: Page): Promise<string[]> {
  const beginning = page.getByRole('heading', { name: /^The beginning of / })
  const { said, fault } = await scroller(page).evaluate(async (box) => {
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
    const done = () => box.querySelector('h2') !== null && box.scrollTop === 0
    for (let resting = 0; resting < 3; ) {
      const fault = look()
      if (fault) return { said: words, fault }
      if (performance.now() - lastNews > 60_000) return { said: words, fault: 'nothing older comes' }
      resting = done() ? resting + 1 : 0
      box.scrollTop = 0
      await new Promise(requestAnimationFrame)
    }
    return { said: words, fault: look() }
  })
  expect(fault, `after ${said.length} messages`).toBeUndefined()
  await expect(beginning).toBeVisible()
  return said
}
