import type { Browser, BrowserContextOptions, Page } from '@playwright/test'

/**
 * Laptop is a browser of one person that can sleep: all of its processes stop
 * where they are, and no clock of theirs but the one on the wall goes on. The
 * server hears nothing of it.
 */
export class Laptop {
  readonly page: Page
  readonly #browser: Browser
  #stopped: number[] = []

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser
    this.page = page
  }

  static async open(browser: Browser, options: BrowserContextOptions): Promise<Laptop> {
    const context = await browser.newContext(options)
    return new Laptop(browser, await context.newPage())
  }

  /** Sleep lasts until {@link wake}; the page must not be spoken to meanwhile. */
  async sleep(): Promise<void> {
    const session = await this.#browser.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    await session.detach()
    // The one that the others talk to comes last.
    const processes = processInfo.toSorted(
      (a, b) => Number(a.type === 'browser') - Number(b.type === 'browser'),
    )
    this.#stopped = processes.map(({ id }) => id)
    for (const id of this.#stopped) signal(id, 'SIGSTOP')
  }

  wake(): void {
    for (const id of this.#stopped.splice(0).reverse()) signal(id, 'SIGCONT')
  }

  async close(): Promise<void> {
    this.wake()
    await this.#browser.close()
  }
}

/** Tells a process something. One that has ended meanwhile, as those for a passing purpose do, needs no word. */
function signal(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name)
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ESRCH') throw failure
  }
}
