import type { Page } from '@playwright/test'
import { Bot } from './bot'
import { Relay } from './network'
import { expect, joinRoom, rooms, rows, signUp, test, texts } from './parley'

const link = (page: Page, name: string) => rooms(page).getByRole('link', { name: new RegExp(`^${name}`) })
const line = (page: Page) => page.getByText('New', { exact: true })

/** What stands below the line, down to the end. */
function below(page: Page): Promise<string[]> {
  return rows(page).evaluateAll((all) => {
    const line = document.querySelector('[data-row="new"]')
    return all
      .filter((row) => line && line.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING)
      .map((row) => row.querySelector('[data-words]')?.textContent ?? '')
  })
}

/** Attend lets the window get or lose the person's attention, as another window in front of it does. */
async function attend(page: Page, attentive: boolean): Promise<void> {
  await page.evaluate((attentive) => {
    document.hasFocus = () => attentive
    window.dispatchEvent(new Event(attentive ? 'focus' : 'blur'))
  }, attentive)
}

test('U-25 after a pause in which nothing was heard, the line stands where one stopped reading', async ({
  device,
  parley,
}) => {
  const page = await device()
  const relay = await Relay.before(page)
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  await joinRoom(page, 'news')
  await bo.say(news.id, 'read')
  await expect(rows(page)).toHaveCount(1)
  await expect(line(page)).toHaveCount(0)

  await attend(page, false)
  relay.hold()
  for (const text of ['one', 'two', 'three']) await bo.say(news.id, text)
  await expect.poll(() => relay.held?.length).toBeGreaterThanOrEqual(3)
  // The person is back before the page has heard anything.
  await attend(page, true)
  relay.release()
  await expect(rows(page)).toHaveCount(4)
  await expect(line(page)).toBeVisible()
  expect(await below(page)).toEqual(['one', 'two', 'three'])
  await expect(link(page, 'news')).toHaveAccessibleName('news')

  // What comes while somebody looks is not divided, and a look away in which nothing came leaves no line.
  await page.keyboard.press('Escape')
  await expect(line(page)).toHaveCount(0)
  await attend(page, false)
  const before = relay.said.length
  await attend(page, true)
  await expect.poll(() => relay.answered('getOnlineUsers', before)).toBe(true)
  await bo.say(news.id, 'four')
  await expect(rows(page)).toHaveCount(5)
  await bo.say(news.id, 'five')
  await expect(rows(page)).toHaveCount(6)
  expect(await texts(page)).toEqual(['read', 'one', 'two', 'three', 'four', 'five'])
  await expect(line(page)).toHaveCount(0)
})
