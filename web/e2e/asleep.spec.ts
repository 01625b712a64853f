import type { Page } from '@playwright/test'
import { attend } from './attention'
import { Bot } from './bot'
import { Chorus, numbered } from './chorus'
import type { Laptop } from './laptop'
import { Relay } from './network'
import {
  atBottom,
  composer,
  expect,
  joinRoom,
  openRoom,
  rooms,
  rows,
  scroller,
  settled,
  signUp,
  test,
  texts,
  upToDate,
} from './parley'
import { walk } from './walk'

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
  await expect.poll(() => relay.holds('three')).toBe(true)
  // The person is back before the page has heard anything.
  await attend(page, true)
  relay.release()
  await expect(rows(page)).toHaveCount(4)
  await expect(line(page)).toBeVisible()
  await expect.poll(() => below(page)).toEqual(['one', 'two', 'three'])
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

test('U-25 a bar in sight leads to the line above what is new, until that was seen', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  await joinRoom(page, 'news')
  await bo.say(news.id, 'read')
  await expect(rows(page)).toHaveText([/read/])
  let said = 0
  const away = async (count: number) => {
    await attend(page, false)
    for (let i = 0; i < count; i++) await bo.say(news.id, `line ${said++}`)
    await expect(rows(page).last()).toContainText(`line ${said - 1}`)
    await attend(page, true)
  }
  const bar = page.getByRole('button', { name: /new messages? since \d+:\d\d/ })
  const told = page.getByRole('status').filter({ hasText: /^\d+ new messages$/ })

  await away(30)
  await expect(bar).toHaveText(/30 new messages since \d+:\d\d/)
  await expect(told).toHaveText(['30 new messages'])
  // It covers nothing: it stands above the rows.
  await settled(page)
  const edges = await Promise.all([bar.boundingBox(), scroller(page).boundingBox()])
  expect((edges[0]?.y ?? 0) + (edges[0]?.height ?? 0)).toBeLessThanOrEqual(edges[1]?.y ?? 0)
  await atBottom(page)
  // What still comes is counted, and not read out again.
  await bo.say(news.id, `line ${said++}`)
  await expect(bar).toHaveText(/31 new messages/)
  await expect(told).toHaveText(['30 new messages'])
  // By keyboard it stands between the room's head and its messages.
  await page.getByRole('button', { name: 'More about this room' }).focus()
  await page.keyboard.press('Tab')
  await expect(bar).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(line(page)).toBeInViewport()
  await expect(rows(page).filter({ hasText: /line 0$/ })).toBeFocused()
  await expect(bar).toHaveCount(0)
  await expect(told).toHaveCount(0)
  // Once seen, it does not come back.
  await page.keyboard.press('End')
  await atBottom(page)
  await expect(bar).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(line(page)).toHaveCount(0)

  // A line that is in sight needs nobody to lead there.
  await away(1)
  await expect(line(page)).toBeInViewport()
  await expect(bar).toHaveCount(0)

  // Whoever looks away again without having seen the line finds it where it was.
  await page.keyboard.press('Escape')
  await away(30)
  await expect(bar).toBeVisible()
  await away(10)
  await expect(bar).toHaveText(/40 new messages/)
  await page.getByRole('button', { name: 'Mark as read' }).click()
  await expect(bar).toHaveCount(0)
  await expect(line(page)).toHaveCount(0)
  await expect(composer(page)).toBeFocused()
})

test('U-25 a history that begins anew keeps the line where it belongs', async ({ device, parley }) => {
  const page = await device()
  const relay = await Relay.before(page)
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  await joinRoom(page, 'news')
  await bo.say(news.id, 'read')
  await expect(rows(page)).toHaveText([/read/])
  await attend(page, false)
  for (const text of ['one', 'two']) await bo.say(news.id, text)
  await attend(page, true)
  await expect(line(page)).toBeVisible()
  const before = relay.said.length
  relay.tell('receiveMessage', { kind: 'reset', roomId: news.id, reason: 'history' })
  await expect.poll(() => relay.answered('joinRoom', before)).toBe(true)
  await expect(line(page)).toBeVisible()
  await expect.poll(() => below(page)).toEqual(['one', 'two'])

  // One that was taken away does not come back with it.
  await page.keyboard.press('Escape')
  await expect(line(page)).toHaveCount(0)
  const again = relay.said.length
  relay.tell('receiveMessage', { kind: 'reset', roomId: news.id, reason: 'history' })
  await expect.poll(() => relay.answered('joinRoom', again)).toBe(true)
  await expect(rows(page)).toHaveCount(3)
  await expect(line(page)).toHaveCount(0)
})

/** A laptop on which somebody has read a room, and does not look at two others: one was open before, one was not. */
async function reading(laptop: Laptop, chorus: Chorus): Promise<{ news: number; near: number; far: number }> {
  const { page } = laptop
  await signUp(page, 'ann')
  const [news = 0, near = 0, far = 0] = await Promise.all(
    ['news', 'near', 'far'].map(async (name) => (await chorus.first.createRoom(name)).id),
  )
  for (const room of [news, near, far]) await chorus.join(room)
  for (const name of ['far', 'near', 'news']) await joinRoom(page, name)
  await chorus.first.say(news, 'read')
  await expect(rows(page)).toHaveText([/read/])
  // From here on only the two are joined; of the third the server tells in short.
  await page.reload()
  await openRoom(page, 'near')
  await openRoom(page, 'news')
  await expect(rows(page)).toHaveText([/read/])
  await expect(line(page)).toHaveCount(0)
  return { news, near, far }
}

/** What has to be so on the laptop when it is awake again. */
async function awake({ page }: Laptop, chorus: Chorus, news: number, count: number): Promise<void> {
  const history = await chorus.first.history(news)
  expect(history).toHaveLength(1 + count)
  await expect(rows(page).last()).toContainText(history.at(-1) ?? '')
  await expect(link(page, 'near')).toHaveAccessibleName(
    new RegExp(`${group(count)} unread messages, 2 mentions`),
  )
  await expect(link(page, 'far')).toHaveAccessibleName(/31 unread messages, 1 mention$/)
  await expect(link(page, 'news')).toHaveAccessibleName('news')

  // What stands in sight leads to where one stopped reading.
  const bar = page.getByRole('button', { name: `${group(count)} new messages since` })
  await expect(bar).toBeVisible()
  await bar.click()
  await expect(line(page)).toBeInViewport()
  await expect(bar).toHaveCount(0)
  await expect.poll(async () => (await below(page))[0]).toBe(history[1])
  await composer(page).press('Escape')
  await expect(rows(page).last()).toContainText(history.at(-1) ?? '')
  expect(await walk(page)).toEqual(history)
  await expect(upToDate(page)).toBeVisible()
}

const group = (count: number) => new Intl.NumberFormat('en-GB').format(count)

test('U-61 U-12 U-25 a laptop that slept while 5,000 messages came to the open room and to another is right when it wakes', async ({
  laptop,
  parley,
  expected,
}) => {
  test.setTimeout(1_200_000)
  // The server may have given up whoever slept for long.
  expected.push(/WebSocket connection to/)
  const chorus = await Chorus.gather(parley.url, 60)
  const ann = await laptop()
  const { news, near, far } = await reading(ann, chorus)

  const count = 5_000
  await ann.sleep()
  const slept = Date.now()
  const said = numbered(count, 'asleep')
  await Promise.all([
    chorus.speak(news, said),
    chorus.speak(near, [...numbered(count - 2, 'elsewhere'), 'one for @ann', 'two for @ann']),
    chorus.speak(far, [...numbered(30, 'far away'), 'for @ann']),
  ])
  // Nobody looks away when a lid is closed. So long must a clock be ahead of a page to tell.
  await new Promise((resolve) => setTimeout(resolve, slept + 12_000 - Date.now()))
  ann.wake()
  await awake(ann, chorus, news, count)
  chorus.leave()
})
