import { type BrowserContext, expect, type Page } from '@playwright/test'

/** What a page has had its browser show. */
interface Shown {
  title: string
  body: string
  tag: string
  open: boolean
}

declare global {
  interface Window {
    notified: (Notification & { gone?: boolean })[]
    tones: number
  }
}

/** Permitted is a browser that shows notifications; headless, it says that it has shown them. */
export const permitted = { permissions: ['notifications'] }

/** KeepNotified keeps what the pages of a browser have it show, which it shows all the same, and counts tones. */
export async function keepNotified(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.notified = []
    window.tones = 0
    window.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        window.notified.push(this)
        this.addEventListener('close', () => Object.assign(this, { gone: true }))
      }
    }
    window.AudioContext = class extends AudioContext {
      override createOscillator(): OscillatorNode {
        window.tones++
        return super.createOscillator()
      }
    }
  })
}

/** WantNotifications has the pages of the browser begin with notifications switched on. */
export async function wantNotifications(page: Page, wanted: object = {}): Promise<void> {
  await keepNotified(page.context())
  await page.context().addInitScript(
    (wanted) => {
      // A page that is nowhere yet has no storage. What is chosen later stays chosen over a reload.
      if (location.protocol === 'about:') return
      if (!localStorage.getItem('parley.notifications')) localStorage.setItem('parley.notifications', wanted)
    },
    JSON.stringify({ on: true, ...wanted }),
  )
}

/** Listens waits until the page, or another one of its browser, tells what comes. */
export async function listens(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const { held = [], pending = [] } = await navigator.locks.query()
        return [held, pending].map((all) =>
          all.some(({ name }) => /^parley\.notifications\.\d+$/.test(name ?? '')),
        )
      }),
    )
    .toContain(true)
}

/** Notified is everything that the page has had shown, in its order. */
export async function notified(page: Page): Promise<Shown[]> {
  return page.evaluate(() =>
    window.notified.map(({ title, body, tag, gone }) => ({ title, body, tag, open: !gone })),
  )
}

/** Said is what the notifications of the page said, in their order. */
export async function said(page: Page): Promise<string[]> {
  return (await notified(page)).map(({ title, body }) => `${title} | ${body}`)
}

/** Open is what those say that stand at the moment. */
export async function open(page: Page): Promise<string[]> {
  return (await notified(page)).filter(({ open }) => open).map(({ title, body }) => `${title} | ${body}`)
}

/** Press presses the last notification that says this, as the system does. */
export async function press(page: Page, body: string): Promise<void> {
  await page.evaluate((body) => {
    const one = window.notified.findLast((notification) => notification.body === body)
    if (!one) throw new Error(`no notification says ${body}`)
    one.dispatchEvent(new Event('click', { cancelable: true }))
  }, body)
}
