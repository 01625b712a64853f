import type { Page } from '@playwright/test'
import { attend } from './attention'
import { Bot } from './bot'
import { listens, permitted, wantNotifications } from './notified'
import { createRoom, expect, joinRoom, openRoom, roomIn, rows, signIn, signUp, test, title } from './parley'

/** A browser as phones have them: only a service worker may show notifications. */
const phone = { ...permitted, serviceWorkers: 'allow' } as const

/** What goes through the worker may take a while on a busy machine. */
const patiently = { timeout: 60_000 }

/** OnlyByWorker refuses notifications of the page itself as phones do. */
async function onlyByWorker(page: Page): Promise<void> {
  await page.context().addInitScript(() => {
    window.Notification = class extends Notification {
      constructor(title: string) {
        super(title)
        this.close()
        throw new TypeError("Failed to construct 'Notification': Illegal constructor.")
      }
    }
  })
}

/** What the worker shows. */
function standing(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const worker = await navigator.serviceWorker.ready
    return (await worker.getNotifications()).map(({ title, body }) => `${title} | ${body}`)
  })
}

/**
 * Press presses the one notification that stands as the system does, and tells
 * which window the worker opened; empty when it opened none. The system alone may
 * put windows in front: that is left out.
 */
async function press(page: Page): Promise<string> {
  const worker = page.context().serviceWorkers().at(-1)
  if (!worker) throw new Error('there is no service worker')
  return worker.evaluate(async () => {
    const scope = self as unknown as {
      registration: ServiceWorkerRegistration
      clients: { openWindow(address: string): Promise<null> }
    }
    const [notification, ...others] = await scope.registration.getNotifications()
    if (!notification || others.length > 0) throw new Error('not one notification stands')
    let opened = ''
    scope.clients.openWindow = async (address) => {
      opened = address
      return null
    }
    let work: unknown
    const event = Object.assign(new Event('notificationclick'), {
      notification,
      waitUntil: (promise: Promise<unknown>) => {
        work = promise
      },
    })
    self.dispatchEvent(event)
    await work
    return opened
  })
}

test('U-70 on a phone a press leads to the message, in the page that is open or in a new one, and what is read is cleared', async ({
  device,
  parley,
  expected,
}) => {
  // The address of a picture is a page without one of its own.
  expected.push(/favicon\.ico/)
  test.setTimeout(180_000)
  const page = await device(phone)
  await onlyByWorker(page)
  await wantNotifications(page)
  await signUp(page, 'ann')
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, {
    timeout: 60_000,
  })
  const bo = await Bot.register(parley.url, 'bo')
  const { id: news } = await bo.createRoom('news')
  await joinRoom(page, 'news')
  await createRoom(page, 'general')
  await listens(page)

  await attend(page, false)
  const { seq } = await bo.say(news, 'the first word')
  await expect.poll(() => standing(page), patiently).toEqual(['news | bo: the first word'])
  await page.evaluate(() => Object.assign(window, { same: true }))
  expect(await press(page)).toBe('')
  await attend(page, true)
  await expect(title(page)).toHaveText(/news/)
  await expect(rows(page).last()).toBeFocused()
  expect(await page.evaluate(() => 'same' in window)).toBe(true)
  await expect.poll(() => standing(page), patiently).toEqual([])

  // What was told stands when the page is gone, and leads to a new one.
  await openRoom(page, 'general')
  await attend(page, false)
  await bo.say(news, 'the second word')
  await expect.poll(() => standing(page), patiently).toEqual(['news | bo: the second word'])
  const blank = await page.context().newPage()
  await blank.goto('/favicon.svg')
  await page.close()
  const opened = await press(blank)
  expect(opened).toBe(`/r/${news}/m/${seq + 1}`)
  expect(await standing(blank)).toEqual([])
  await blank.goto(opened)
  await expect(rows(blank).last()).toContainText('the second word')

  // A page that comes later takes away what was read on another device meanwhile, and nothing else.
  await openRoom(blank, 'general')
  await attend(blank, false)
  await listens(blank)
  const other = await bo.createRoom('other')
  await joinRoom(blank, 'other')
  await openRoom(blank, 'general')
  await bo.say(news, 'read elsewhere')
  await bo.say(other.id, 'read nowhere')
  await expect
    .poll(async () => (await standing(blank)).sort(), patiently)
    .toEqual(['news | bo: read elsewhere', 'other | bo: read nowhere'])
  await blank.goto('/favicon.svg')
  const laptop = await device()
  await laptop.goto('/')
  await signIn(laptop, 'ann')
  await openRoom(laptop, 'news')
  await expect(rows(laptop).last()).toContainText('read elsewhere')
  expect(await roomIn(laptop)).toBe(news)
  await blank.goto('/')
  await expect.poll(() => standing(blank), patiently).toEqual(['other | bo: read nowhere'])

  // Whoever comes next must not read it.
  await blank.getByRole('button', { name: 'Account and settings' }).click()
  await blank.getByRole('button', { name: 'Sign out' }).click()
  await expect(blank.getByLabel('E-mail address')).toBeVisible()
  await expect.poll(() => standing(blank), patiently).toEqual([])
  bo.leave()
})
