import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test'
import { composer, isAttemptGivenUp, rooms, rows, signIn, title } from '../e2e/parley'
import { Parley } from '../e2e/server'
import { holds, type Line, table } from './figures'
import { installProbe } from './probe'
import { report, write } from './report'
import { sizeFrom } from './size'
import { populate, type Room, rain, type World } from './world'

const size = sizeFrom(process.env)

test('the web client, measured', async ({ browser }) => {
  const parley = await Parley.start()
  try {
    await measure(browser, parley)
  } finally {
    await parley.remove()
  }
})

async function measure(browser: Browser, parley: Parley): Promise<void> {
  const loads: Record<string, number> = {}
  const lines: Line[] = []
  const bench = new Bench(browser, parley.url)
  const part = async <Result>(name: string, run: () => Promise<Result>): Promise<Result> => {
    loads[name] = loadavg()[0] ?? 0
    const begun = performance.now()
    const result = await test.step(name, run)
    console.log(`${name}: ${((performance.now() - begun) / 1_000).toFixed(0)} s`)
    return result
  }
  const only = process.env.ONLY?.split(',')
  const measured = async (name: string, run: (world: World) => Promise<Line[]>) => {
    if (only && !only.includes(name)) return
    const found = await part(name, () => run(world))
    lines.push(...found)
    console.log(table(found))
  }

  const world = await part('filling the server', () => populate(parley.url, size))
  await part('signing in and reading', () => bench.signIn(world))
  await measured('opening', (world) => bench.opening(world))
  await measured('switching rooms', (world) => bench.switching(world))
  await measured('the switcher', (world) => bench.switcher(world))
  await measured('sending', (world) => bench.sending(world))
  await measured('typing', (world) => bench.typing(world))
  await measured('scrolling', (world) => bench.scrolling(world))
  await measured('memory', (world) => bench.memory(world))
  world.crowd.leave()

  const about = { size, browser: `Chromium ${browser.version()}`, loads, complaints: bench.complaints }
  const section = report(lines, about)
  console.log(`\n${section}`)
  if (process.env.WRITE) write(section)
  // How fast it is says the report; what is measured has to be there.
  for (const { what, values } of lines) {
    expect(values.length, what).toBeGreaterThan(0)
    for (const value of values) expect(value, what).toBeGreaterThanOrEqual(0)
  }
  expect(bench.complaints).toEqual([])
  if (process.env.STRICT)
    expect(lines.filter((line) => !holds(line)).map(({ id, what }) => `${id} ${what}`)).toEqual([])
}

/** Bench measures one person's page. */
class Bench {
  /** Requests to other hosts, and what the console said. */
  readonly complaints: string[] = []
  readonly #browser: Browser
  readonly #url: string
  #kept: Awaited<ReturnType<BrowserContext['storageState']>> | undefined

  constructor(browser: Browser, url: string) {
    this.#browser = browser
    this.#url = url
  }

  /** SignIn keeps what a browser that is signed in keeps, when the person has read the rooms that are looked at. */
  async signIn({ large, small }: World): Promise<void> {
    const context = await this.#context()
    const page = await context.newPage()
    await page.goto(`/r/${large.id}`)
    await signIn(page, 'ann')
    for (const { name } of [large, ...small]) {
      await rooms(page).getByRole('link', { name }).click()
      await expect(title(page)).toHaveText(new RegExp(name))
      await expect(live(page)).toBeVisible()
      await composer(page).press('Escape')
      await expect(rooms(page).getByRole('link', { name, exact: true })).toBeVisible()
    }
    await this.#leave(context)
  }

  /** F-01, U-20: from the address to a room that can be read and written in. */
  async opening({ large }: World): Promise<Line[]> {
    const cold: number[] = []
    const warm: number[] = []
    const live: number[] = []
    const jumps: number[] = []
    for (let round = 0; round < size.rounds; round++) {
      const context = await this.#context()
      for (const times of [cold, warm]) {
        const page = await context.newPage()
        const { usable, complete, jump } = await usableAt(page, large)
        times.push(usable)
        if (times === cold) live.push(complete)
        jumps.push(jump)
        await resting(page)
        // The device keeps what was seen a moment after it has come to rest.
        await page.waitForTimeout(3_000)
        await page.close()
      }
      await this.#leave(context)
    }
    return [
      { id: 'F-01', what: 'cold: address to usable room', unit: 'ms', below: 1_000, values: cold },
      { id: 'F-01', what: 'warm: address to usable room', unit: 'ms', below: 400, values: warm },
      { id: '', what: 'cold: address to live and complete', unit: 'ms', values: live },
      {
        id: 'U-20',
        what: 'a row moves while its room opens',
        unit: 'px',
        below: 1,
        judged: 'most',
        values: jumps,
      },
    ]
  }

  /** F-02: from a click in the list to the messages of a room that was open before. */
  async switching({ small }: World): Promise<Line[]> {
    const page = await this.#open(small[0])
    await this.#goTo(page, small[1])
    const times: number[] = []
    for (let i = 0; i < 4 * size.rounds; i++) times.push(await this.#goTo(page, small[i % 2] as Room))
    await this.#leave(page.context())
    return [{ id: 'F-02', what: 'click to another room, painted', unit: 'ms', below: 100, values: times }]
  }

  /** U-11: the switcher opens and follows what is typed. */
  async switcher({ large }: World): Promise<Line[]> {
    const page = await this.#open(large)
    await resting(page)
    const opens: number[] = []
    const filters: number[] = []
    for (let i = 0; i < 3 * size.rounds; i++) {
      const { painted } = await after(
        page,
        'keydown',
        () => page.keyboard.press('Control+k'),
        () => document.querySelector('[role="listbox"] [role="option"]') !== null,
      )
      opens.push(painted)
      let word = ''
      for (const letter of 'kit') {
        word += letter
        const list = await after(
          page,
          'keydown',
          () => page.keyboard.press(letter),
          (word) => document.querySelector<HTMLInputElement>('[role="combobox"]')?.value === word,
          word,
        )
        filters.push(list.painted)
      }
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toHaveCount(0)
    }
    await this.#leave(page.context())
    return [
      { id: 'U-11', what: 'key to switcher with its list, painted', unit: 'ms', below: 50, values: opens },
      { id: 'U-11', what: 'letter to filtered list, painted', unit: 'ms', below: 50, values: filters },
    ]
  }

  /** U-40: from Enter to one's own row. */
  async sending({ small: [room] }: World): Promise<Line[]> {
    const page = await this.#open(room)
    const there: number[] = []
    const painted: number[] = []
    for (let i = 0; i < 4 * size.rounds; i++) {
      const text = `own ${Date.now()}`
      await composer(page).fill(text)
      const times = await after(
        page,
        'keydown',
        () => page.keyboard.press('Enter'),
        (text) =>
          [...document.querySelectorAll('[data-words]')]
            .slice(-3)
            .some((words) => words.textContent === text),
        text,
      )
      there.push(times.there)
      painted.push(times.painted)
      // Within what one person may send.
      await page.waitForTimeout(150)
    }
    await this.#leave(page.context())
    return [
      { id: 'U-40', what: 'Enter to own row in the page', unit: 'ms', below: 16, values: there },
      { id: '', what: 'Enter to own row, painted', unit: 'ms', values: painted },
    ]
  }

  /** F-03: from a key to its letter, while others write. */
  async typing({ large, crowd }: World): Promise<Line[]> {
    const page = await this.#open(large)
    await resting(page)
    const times: number[] = []
    let tasks: number[] = []
    for (let round = 0; round < size.rounds; round++) {
      await composer(page).fill('')
      const falling = rain(crowd, large.id, size.storm)
      await page.evaluate(watchTyping)
      await page.keyboard.type('lorem ipsum '.repeat(Math.ceil((size.typing * 1_000) / 80 / 12)), {
        delay: 80,
      })
      const seen = await page.evaluate(() => window.typed.stop())
      times.push(...seen.keys)
      tasks = [...tasks, ...seen.frames]
      await falling.stop()
    }
    await this.#leave(page.context())
    const what = `with ${size.storm} messages a second`
    return [
      {
        id: 'F-03',
        what: `key to letter, painted, ${what}`,
        unit: 'ms',
        below: 32,
        judged: 'p95',
        values: times,
      },
      { id: '', what: `between frames, ${what}`, unit: 'ms', values: tasks },
    ]
  }

  /** U-20, U-21: back to the room's beginning. */
  async scrolling({ large }: World): Promise<Line[]> {
    const page = await this.#open(large)
    await resting(page)
    const seen = await page.evaluate(scrollBack, 400)
    await this.#leave(page.context())
    return [
      {
        id: 'U-21',
        what: 'between frames while scrolling back',
        unit: 'ms',
        below: 32,
        judged: 'p95',
        values: seen.frames,
      },
      {
        id: 'U-20',
        what: 'a row moves while older ones come',
        unit: 'px',
        below: 1,
        judged: 'most',
        values: seen.jumps,
      },
      { id: '', what: 'long frames (over 50 ms) on the way', unit: '', values: [seen.long] },
    ]
  }

  /** F-04: what the page holds while people write for long. */
  async memory({ large, crowd }: World): Promise<Line[]> {
    // A browser with one page: its process is the page's.
    const browser = await this.#browser.browserType().launch()
    const page = await this.#open(large, browser)
    const samples: Memory[] = []
    const before = await timesOf(browser)
    const falling = rain(crowd, large.id, size.drizzle)
    const steps = Math.max(2, Math.ceil(size.minutes))
    for (let i = 0; i < steps; i++) {
      await page.waitForTimeout((size.minutes / steps) * 60_000)
      samples.push(await memoryOf(browser, page))
    }
    const said = await falling.stop()
    const spent = since(before, await timesOf(browser))
    await this.#leave(page.context())
    await browser.close()
    const [first, last] = [samples[0] as Memory, samples.at(-1) as Memory]
    const slope = (part: keyof Memory) =>
      Math.max(0, (last[part] - first[part]) / ((size.minutes * (steps - 1)) / steps))
    const while_ = `${size.minutes} min at ${size.drizzle} a second`
    return [
      {
        id: 'F-04',
        what: `the page's process after ${while_}`,
        unit: 'MB',
        below: 150,
        judged: 'most',
        values: samples.map(({ process }) => process),
      },
      { id: '', what: 'of it JavaScript’s heap', unit: 'MB', values: samples.map(({ heap }) => heap) },
      { id: '', what: 'processor time of the page, a message', unit: 'ms', values: [spent / said] },
      { id: '', what: 'growth of the process', unit: 'MB/min', values: [slope('process')] },
      { id: '', what: 'growth of the heap', unit: 'MB/min', values: [slope('heap')] },
    ]
  }

  async #context(browser = this.#browser): Promise<BrowserContext> {
    const context = await browser.newContext({
      baseURL: this.#url,
      ...(this.#kept && { storageState: this.#kept }),
    })
    await context.addInitScript(installProbe)
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol !== 'data:' && protocol !== 'blob:' && origin !== this.#url)
        this.complaints.push(`request to ${request.url()}`)
    })
    context.on('console', (message) => {
      if (isAttemptGivenUp(message.text())) return
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
    context.on('weberror', (error) => this.complaints.push(String(error.error())))
    return context
  }

  /** Leaves a browser, and keeps what the next one begins with: what renews a session does so once. */
  async #leave(context: BrowserContext): Promise<void> {
    this.#kept = await context.storageState()
    await context.close()
  }

  /** Opens a room in a browser of its own, and waits until it is live. */
  async #open({ id }: Room, browser?: Browser): Promise<Page> {
    const page = await (await this.#context(browser)).newPage()
    await page.goto(`/r/${id}`)
    await expect(rows(page).last()).toBeVisible()
    await expect(live(page)).toBeVisible()
    return page
  }

  /** Goes to a room by a click in the list; gives how long that took. */
  async #goTo(page: Page, { name }: Room): Promise<number> {
    const link = rooms(page).getByRole('link', { name, exact: true })
    await link.scrollIntoViewIfNeeded()
    const { painted } = await after(
      page,
      'click',
      () => link.click(),
      (name) => {
        const timeline = document.querySelector('#timeline')
        return (
          timeline?.ariaLabel?.endsWith(name) === true && timeline.querySelector('[role="article"]') !== null
        )
      },
      name,
    )
    await expect(title(page)).toHaveText(new RegExp(name))
    await expect(live(page)).toBeVisible()
    return painted
  }
}

/** The sign that the room is live; not everything that is unread may be here. */
const live = (page: Page) => page.getByTitle(/^Up to date/)

/** After does something by key or click, and gives how long after it this was so, and painted. */
async function after(
  page: Page,
  type: 'keydown' | 'click',
  act: () => Promise<void>,
  is: (text: string) => boolean,
  text = '',
): Promise<{ there: number; painted: number }> {
  const test = await page.evaluateHandle<(text: string) => boolean>(`(${is})`)
  const seen = page.evaluate(
    async ({ type, test, text }) => {
      const { there, painted } = await window.probe.shown(() => test(text))
      return { there, painted, given: window.probe.given(type) }
    },
    { type, test, text },
  )
  await act()
  const { there, painted, given } = await seen
  await test.dispose()
  return { there: there - given, painted: painted - given }
}

/** Opens a page at a room and gives when it was usable, when complete, and how far a row moved behind that. */
async function usableAt(
  page: Page,
  { id }: Room,
): Promise<{ usable: number; complete: number; jump: number }> {
  await page.addInitScript(() => {
    window.opening = (async () => {
      const { probe } = window
      const { painted } = await probe.shown(
        () =>
          document.querySelector('#timeline [role="article"]') !== null &&
          document.querySelector('#composer') !== null &&
          document.querySelector('nav a[href^="/r/"]') !== null,
      )
      const jump = await probe.jump(10)
      return { usable: painted, jump }
    })()
  })
  await page.goto(`/r/${id}`, { waitUntil: 'commit' })
  const seen = await page.evaluate(() => window.opening)
  await expect(live(page)).toBeVisible()
  const complete = await page.evaluate(() => performance.now())
  return { ...seen, complete }
}

/** Resting waits until the page has fetched what it fetches in quiet moments. */
async function resting(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2_000 })))
  await page.waitForTimeout(300)
}

declare global {
  interface Window {
    opening: Promise<{ usable: number; jump: number }>
    typed: { stop(): { keys: number[]; frames: number[] } }
  }
}

/** Runs in the page: notes for each letter how long it took to be painted, and the time between frames. */
function watchTyping(): void {
  const keys: number[] = []
  const frames: number[] = []
  let last = 0
  let going = true
  const frame = (now: number) => {
    if (last > 0) frames.push(now - last)
    last = now
    if (going) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  const typed = () => {
    const given = window.probe.given('keydown')
    void window.probe.painted().then((painted) => keys.push(painted - given))
  }
  addEventListener('input', typed)
  window.typed = {
    stop() {
      going = false
      removeEventListener('input', typed)
      return { keys, frames }
    },
  }
}

/** Runs in the page: scrolls so many pixels up in each frame, to the beginning of the room. */
async function scrollBack(step: number): Promise<{ frames: number[]; jumps: number[]; long: number }> {
  const { probe } = window
  const box = probe.box()
  const frames: number[] = []
  const jumps: number[] = []
  let long = 0
  const observer = new PerformanceObserver((list) => {
    long += list.getEntries().length
  })
  observer.observe({ type: 'long-animation-frame' })
  const beginning = () => box.querySelector('h2') !== null && box.scrollTop === 0
  let last = await new Promise<number>(requestAnimationFrame)
  for (let resting = 0; resting < 3; resting = beginning() ? resting + 1 : 0) {
    // Between two frames, as a wheel or a finger does.
    await probe.task()
    box.scrollTop -= step
    const row = probe.topRow()
    const top = row?.getBoundingClientRect().top ?? 0
    const now = await new Promise<number>(requestAnimationFrame)
    frames.push(now - last)
    last = now
    if (row?.isConnected) jumps.push(Math.abs(row.getBoundingClientRect().top - top))
  }
  observer.disconnect()
  return { frames, jumps, long }
}

interface Memory {
  /** Megabytes that the page's process has to itself. */
  process: number
  /** Megabytes of JavaScript's heap. */
  heap: number
}

/** MemoryOf is what the page holds when its garbage is collected. */
async function memoryOf(browser: Browser, page: Page): Promise<Memory> {
  const inPage = await page.context().newCDPSession(page)
  await inPage.send('HeapProfiler.collectGarbage')
  const { usedSize } = await inPage.send('Runtime.getHeapUsage')
  await inPage.detach()
  const held = (await renderers(browser)).map(privateMemory)
  return { process: Math.max(...held) / 1e6, heap: usedSize / 1e6 }
}

/** TimesOf is the processor time, in ms, that each of the processes of pages has used. */
async function timesOf(browser: Browser): Promise<Map<number, number>> {
  return new Map((await renderers(browser)).map((pid) => [pid, processorTime(pid)]))
}

/** Since is what processes have used between two looks; one that has ended meanwhile counts for nothing. */
function since(before: Map<number, number>, now: Map<number, number>): number {
  return [...now].reduce((sum, [pid, used]) => sum + used - (before.get(pid) ?? 0), 0)
}

/** Renderers is the processes that pages live in. */
async function renderers(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

/** Bytes of memory that no other process shares. */
function privateMemory(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const lines = text.matchAll(/^Private_\w+: +(\d+) kB$/gm)
  return [...lines].reduce((sum, [, kilobytes]) => sum + 1_024 * Number(kilobytes), 0)
}

/** Milliseconds of user and system time; the kernel counts them in hundredths of a second. */
function processorTime(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Behind the name, which may hold anything, stand the state and then numbers.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}
