import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Locator,
  type Page,
} from '@playwright/test'
import { address, password } from './bot'
import { Laptop } from './laptop'
import { Parley } from './server'

export { expect }

/** Complaints that a test expects, such as requests refused or lost on purpose. */
type Expected = RegExp[]

interface Fixtures {
  /** A server of the test's own. */
  parley: Parley
  /** What browsers may complain about in this test; nothing unless added. */
  expected: Expected
  /** Opens a browser context of its own: another person, or another device. */
  device(options?: BrowserContextOptions): Promise<Page>
  /** Opens a browser of its own, which can be put to sleep. */
  laptop(): Promise<Laptop>
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: the tool reads the names from the pattern.
  parley: async ({}, use) => {
    const parley = await Parley.start()
    await use(parley)
    await parley.remove()
  },

  // biome-ignore lint/correctness/noEmptyPattern: the tool reads the names from the pattern.
  expected: async ({}, use) => {
    await use([])
  },

  device: async ({ browser, parley, expected }, use) => {
    const contexts: BrowserContext[] = []
    const complaints: string[] = []
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: parley.url, ...options })
      contexts.push(context)
      watch(context, parley.url, complaints)
      return context.newPage()
    })
    for (const context of contexts) await context.close()
    refuse(complaints, expected)
  },

  laptop: async ({ browser, parley, expected }, use) => {
    const laptops: Laptop[] = []
    const complaints: string[] = []
    await use(async () => {
      const laptop = await Laptop.open(await browser.browserType().launch(), { baseURL: parley.url })
      laptops.push(laptop)
      watch(laptop.page.context(), parley.url, complaints)
      return laptop
    })
    for (const laptop of laptops) await laptop.close()
    refuse(complaints, expected)
  },
})

/** Refuse fails the test because of complaints that it did not expect. */
function refuse(complaints: string[], expected: Expected): void {
  const unexpected = complaints.filter((line) => !expected.some((pattern) => pattern.test(line)))
  expect(unexpected, 'complaints of the browser').toEqual([])
}

/** Notes console errors (the policy's reports are among them), uncaught errors, and requests that leave the server. */
function watch(context: BrowserContext, url: string, complaints: string[]): void {
  context.on('console', (message) => {
    // What playwright.config.ts asks for.
    if (message.text() === 'Service Worker registration blocked by Playwright') return
    if (isAttemptGivenUp(message.text())) return
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.text()} ${message.location().url}`)
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('request', (request) => {
    const scheme = new URL(request.url()).protocol
    if (scheme !== 'data:' && scheme !== 'blob:' && new URL(request.url()).origin !== url)
      complaints.push(`request to ${request.url()}`)
  })
}

/** IsAttemptGivenUp knows the browser's word on a page that connects anew: held up for long, it takes it that it has slept. */
export function isAttemptGivenUp(message: string): boolean {
  return message.endsWith('WebSocket is closed before the connection is established.')
}

/** The complaints that come with a server that is away, or on its way there: whatever was asked meanwhile ends as it may. */
export const serverAway = [
  /net::ERR_/,
  /WebSocket connection to/,
  /status of 503/,
  // Without a WebSocket the page polls; a server that comes back knows nothing of its session.
  /status of 400 .*\/socket\.io\//,
]

/** SignUp makes an account by the form and waits for the rooms. */
export async function signUp(page: Page, name: string): Promise<void> {
  await page.goto('/')
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('E-mail address').fill(address(name))
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(rooms(page)).toBeVisible()
}

/** SignIn signs in by the form, at the address where the page is. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(address(name))
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByLabel('E-mail address')).toHaveCount(0)
}

export async function createRoom(page: Page, name: string): Promise<void> {
  await rooms(page).getByRole('button', { name: 'New room' }).first().click()
  await page.getByRole('dialog').getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Create room' }).click()
  await expect(title(page).locator('bdi')).toHaveText(new RegExp(name))
  await expect(upToDate(page)).toBeVisible()
}

/** RoomIn is the id of the room in front. The page is asked: what Playwright knows of its address comes a moment late. */
export async function roomIn(page: Page): Promise<number> {
  return Number(await page.evaluate(() => location.pathname.split('/').pop()))
}

/** OpenRoom goes to a room of the list; as a new member when it was only open to join. */
export async function openRoom(page: Page, name: string): Promise<void> {
  await rooms(page).getByRole('link', { name }).click()
  await expect(title(page).locator('bdi')).toHaveText(new RegExp(name))
  await expect(upToDate(page)).toBeVisible()
}

export async function joinRoom(page: Page, name: string): Promise<void> {
  await openRoom(page, name)
  await page.getByRole('button', { name: 'Join room' }).click()
  await expect(composer(page)).toBeVisible()
}

/** Together is two people on a device each, in a room that the first of them has made. */
export async function together(
  device: Fixtures['device'],
  room: string,
  [first, second] = ['ann', 'bo'],
): Promise<[Page, Page]> {
  const maker = await device()
  const other = await device()
  await signUp(maker, first)
  await createRoom(maker, room)
  await signUp(other, second)
  await joinRoom(other, room)
  return [maker, other]
}

/** Choose does something of a menu. */
export async function choose(page: Page, menu: string, item: string): Promise<void> {
  const entry = page.getByRole('menuitem', { name: item })
  // A person who comes or goes meanwhile changes places in the list, and their menu closes.
  await expect(async () => {
    if (!(await entry.isVisible())) await page.getByRole('button', { name: menu }).click({ timeout: 5_000 })
    await entry.click({ timeout: 5_000 })
  }).toPass({ timeout: 60_000 })
}

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text)
  await composer(page).press('Enter')
}

export const rooms = (page: Page): Locator => page.getByRole('navigation', { name: 'Rooms' })
export const title = (page: Page): Locator => page.getByRole('heading', { level: 1 })
export const composer = (page: Page): Locator => page.getByRole('textbox', { name: /^Message / })
export const upToDate = (page: Page): Locator => page.getByTitle('Up to date: every message is here')
export const rows = (page: Page): Locator => page.getByRole('article')
export const scroller = (page: Page): Locator => page.locator('#timeline').locator('../..')

/** What the messages in the page say. */
export const words = (page: Page): Locator => rows(page).locator('[data-words]')

/** Texts of the messages in the page, in their order. */
export function texts(page: Page): Promise<string[]> {
  return words(page).allTextContents()
}

/** Settled waits until nothing moves any more but what moves for ever. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map((animation) => animation.finished.catch(() => undefined)),
    ),
  )
}

/** FromBottom is how far the timeline is from its bottom, in pixels. */
export function fromBottom(page: Page): Promise<number> {
  return scroller(page).evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop)
}

/** AtBottom waits until the timeline is at its bottom. */
export async function atBottom(page: Page): Promise<void> {
  await expect.poll(() => fromBottom(page)).toBeLessThanOrEqual(1)
}

/** Rested waits until the timeline scrolls no more: a wheel moves it for a while. */
export async function rested(page: Page): Promise<void> {
  await scroller(page).evaluate(async (box) => {
    for (let still = 0, last = Number.NaN; still < 10; last = box.scrollTop) {
      still = box.scrollTop === last ? still + 1 : 0
      await new Promise(requestAnimationFrame)
    }
  })
}

/** Sent waits until a message of one's own is in its room, where it can be changed: until then it may be on its way. */
export async function sent(row: Locator): Promise<void> {
  await expect(row).toHaveAccessibleName(/, \d{1,2}:\d\d, /)
}
