import type { Page } from '@playwright/test'
import { Bot } from './bot'
import {
  composer,
  createRoom,
  expect,
  fromBottom,
  openRoom,
  roomIn,
  rooms,
  rows,
  say,
  serverAway,
  signIn,
  signUp,
  test,
  texts,
  title,
  upToDate,
} from './parley'
import { next, Upgrade } from './upgrade'

// The other tests have no service worker: nothing stands between it and the server.
const installable = { serviceWorkers: 'allow' } as const

const lastSeen = (page: Page) => page.getByText(/^Offline – last seen \d/)
const newLine = (page: Page) => page.locator('#timeline [data-row="new"]')
const newVersion = (page: Page) => page.getByRole('status').filter({ hasText: 'New version' })

const script = (page: Page, version: string) => page.locator(`script[src="/assets/${version}/parley.js"]`)

/** The version of the worker that answers; empty while there is none. */
async function shell(page: Page): Promise<string> {
  for (const worker of page.context().serviceWorkers()) {
    const told = await worker
      // The first is a constant of the worker's script.
      .evaluate<{ version: string; state: string }>('({ version, state: self.serviceWorker.state })')
      .catch(() => undefined)
    if (told?.state === 'activated') return told.version
  }
  return ''
}

/** The worker has kept the client, and is before the page. */
async function installed(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, {
    timeout: 60_000,
  })
}

/** Paths of everything that the worker keeps, without their version. */
function cached(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const paths: string[] = []
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys()) paths.push(new URL(url).pathname)
    return paths.map((path) => path.replace(/^\/assets\/[0-9a-f]+\//, '/assets/-/'))
  })
}

/** What the device keeps of rooms, as text; empty where it keeps nothing. */
function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const answer = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const there = await indexedDB.databases()
    if (!there.some(({ name }) => name === 'parley')) return ''
    const database = await answer(indexedDB.open('parley'))
    try {
      const transaction = database.transaction(['about', 'rooms'])
      const all = await Promise.all([
        answer(transaction.objectStore('rooms').getAll()),
        answer(transaction.objectStore('about').getAll()),
      ])
      return JSON.stringify(all)
    } finally {
      database.close()
    }
  })
}

test('U-84 without a server the last messages are shown, and what is written then is sent once', async ({
  parley,
  device,
  expected,
}) => {
  expected.push(...serverAway, /Failed to load resource/)
  const ann = await device(installable)
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  const bo = await Bot.register(parley.url, 'bo')
  const room = await roomIn(ann)
  await bo.join(room)
  for (const text of ['first', 'second']) await bo.say(room, text)
  await expect(rows(ann)).toHaveCount(2)
  await installed(ann)
  await expect.poll(() => kept(ann)).toContain('second')

  await parley.kill()
  await ann.reload()
  await expect(title(ann)).toHaveText(/general/)
  await expect.poll(() => texts(ann)).toEqual(['first', 'second'])
  await expect(lastSeen(ann)).toBeVisible()
  await expect(upToDate(ann)).toHaveCount(0)
  await say(ann, 'written without a network')
  await composer(ann).fill('half a thought')
  await ann.reload()
  await expect.poll(() => texts(ann)).toEqual(['first', 'second', 'written without a network'])
  await expect(composer(ann)).toHaveValue('half a thought')

  await parley.start()
  await expect(upToDate(ann)).toBeVisible({ timeout: 90_000 })
  await expect(lastSeen(ann)).toHaveCount(0)
  await bo.say(room, 'third')
  await expect.poll(() => texts(ann)).toEqual(['first', 'second', 'written without a network', 'third'])
  expect(await bo.history(room)).toEqual(['first', 'second', 'written without a network', 'third'])
  await expect(composer(ann)).toHaveValue('half a thought')
  bo.leave()
})

test('U-84 what was deleted while the page was closed is gone from the device, and nothing is missing or twice', async ({
  parley,
  device,
}) => {
  const ann = await device()
  await signUp(ann, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  await createRoom(ann, 'garden')
  const garden = await roomIn(ann)
  await bo.join(garden)
  const weeds = await bo.say(garden, 'weeds')
  await expect.poll(() => kept(ann)).toContain('weeds')
  await createRoom(ann, 'general')
  const room = await roomIn(ann)
  await bo.join(room)
  const ack = await bo.say(room, 'to be deleted')
  const { seq } = await bo.say(room, 'to stay')
  await expect(rows(ann)).toHaveCount(2)
  await expect.poll(() => kept(ann)).toContain('to stay')
  // How far was read is kept with the list of rooms, which may come later.
  await expect.poll(() => kept(ann)).toMatch(new RegExp(`"read":{[^}]*"seq":${seq}\\b`))

  const address = ann.url()
  const context = ann.context()
  await ann.close()
  await bo.erase(room, ack.seq)
  await bo.erase(garden, weeds.seq)
  await bo.say(garden, 'roses')
  for (let i = 1; i <= 70; i++) await bo.tell(room, `later ${i}`)
  const again = await context.newPage()
  let answer: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    answer = resolve
  })
  await again.route('**/api/v1/refresh', async (route) => {
    await asked
    await route.continue()
  })
  await again.goto(address)
  // Nobody waits for the server to see what was seen.
  await expect.poll(() => texts(again)).toEqual(['to be deleted', 'to stay'])
  await expect(upToDate(again)).toHaveCount(0)
  await expect(newLine(again)).toHaveCount(0)
  answer()
  await expect(upToDate(again)).toBeVisible()
  await expect(rows(again).last()).toContainText('later 70')
  await expect(rows(again).first()).toHaveAccessibleName(/deleted/)
  // It begins where one stopped reading, as a room that is opened does.
  await expect(newLine(again)).toBeInViewport()
  expect(await fromBottom(again)).toBeGreaterThan(100)
  expect(await texts(again)).toEqual([
    'Message deleted',
    'to stay',
    ...Array.from({ length: 70 }, (_, i) => `later ${i + 1}`),
  ])
  await expect.poll(() => kept(again)).toContain('later 70')
  expect(await kept(again)).not.toContain('to be deleted')
  // A room that nobody has opened since is kept as it is now, and stays unread.
  await expect.poll(() => kept(again), { timeout: 60_000 }).toContain('roses')
  expect(await kept(again)).not.toContain('weeds')
  await expect(rooms(again).getByRole('link', { name: /garden/ })).toHaveAccessibleName(/1 unread/)
  bo.leave()
})

test('U-84 signing out leaves nothing of the rooms on the device, and neither does an ended session', async ({
  device,
  expected,
}) => {
  expected.push(/status of 401/)
  const ann = await device(installable)
  await signUp(ann, 'ann')
  await installed(ann)
  await createRoom(ann, 'garden')
  await say(ann, 'seeds')
  await createRoom(ann, 'secret plans')
  await say(ann, 'at dawn')
  await openRoom(ann, 'garden')
  await expect.poll(() => texts(ann)).toEqual(['seeds'])
  await openRoom(ann, 'secret plans')
  await expect.poll(() => kept(ann)).toContain('at dawn')
  await ann.reload()
  await expect(upToDate(ann)).toBeVisible()
  expect(await texts(ann)).toEqual(['at dawn'])
  await say(ann, 'or later')
  // What is said never passes through the worker.
  expect(await cached(ann)).toEqual(expect.arrayContaining(['/', '/assets/-/parley.js']))
  expect((await cached(ann)).filter((path) => !/^\/($|assets\/|favicon)/.test(path))).toEqual([])
  await ann.getByRole('button', { name: /Account and settings/ }).click()
  await ann.getByRole('button', { name: 'Sign out' }).click()
  await expect(ann.getByLabel('E-mail address')).toBeVisible()
  await expect.poll(() => kept(ann)).toBe('')
  expect(await ann.evaluate(() => localStorage.getItem('parley.signedIn'))).toBeNull()

  // Somebody else on the same device.
  await signUp(ann, 'bo')
  await expect.poll(() => kept(ann)).toContain('[')
  expect(await kept(ann)).not.toMatch(/secret plans|dawn|seeds/)
  await ann.getByRole('button', { name: /Account and settings/ }).click()
  await ann.getByRole('button', { name: 'Sign out' }).click()

  await signIn(ann, 'ann')
  await openRoom(ann, 'secret plans')
  await expect.poll(() => kept(ann)).toContain('at dawn')
  // The server takes the session no more, and the page learns of it when it opens.
  await ann.context().clearCookies()
  await ann.reload()
  await expect(ann.getByLabel('E-mail address')).toBeVisible()
  await expect.poll(() => kept(ann)).toBe('')
})

test('U-84 the client can be installed', async ({ parley, device }) => {
  const ann = await device(installable)
  await signUp(ann, 'ann')
  await installed(ann)
  const session = await ann.context().newCDPSession(ann)
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
  const errors = installabilityErrors.map(({ errorId }) => errorId)
  expect(errors.filter((id) => id !== 'in-incognito')).toEqual([])
  const manifest = await (await fetch(`${parley.url}/manifest.webmanifest`)).json()
  for (const { src, sizes, type } of manifest.icons) {
    const icon = await fetch(parley.url + src)
    expect([icon.status, icon.headers.get('Content-Type')]).toEqual([200, type])
    if (type !== 'image/png') continue
    const header = Buffer.from(await icon.arrayBuffer())
    expect(`${header.readUInt32BE(16)}x${header.readUInt32BE(20)}`).toBe(sizes)
  }
})

for (const serviceWorkers of ['allow', 'block'] as const)
  test(`U-63 a new version is offered, and nothing is lost when it is taken, where workers are ${serviceWorkers === 'allow' ? 'there' : 'not'}`, async ({
    parley,
    device,
    expected,
  }) => {
    expected.push(...serverAway, /^request to/, /Failed to load resource/)
    const proxy = await Upgrade.before(parley.url)
    try {
      const ann = await device({ serviceWorkers, baseURL: proxy.url })
      await signUp(ann, 'ann')
      await createRoom(ann, 'general')
      await say(ann, 'said before')
      if (serviceWorkers === 'allow') await installed(ann)
      await composer(ann).fill('half a thought')
      await ann.evaluate(() => Object.assign(window, { same: true }))

      proxy.to('next')
      await expect(newVersion(ann)).toBeVisible({ timeout: 90_000 })
      await expect(upToDate(ann)).toBeVisible()
      // It goes on as it is until somebody wants another.
      await ann.waitForTimeout(7_000)
      await expect(newVersion(ann)).toBeVisible()
      expect(await ann.evaluate(() => 'same' in window)).toBe(true)
      await expect(composer(ann)).toHaveValue('half a thought')

      await newVersion(ann).getByRole('button', { name: 'Reload' }).click()
      await expect(script(ann, next)).toHaveCount(1)
      await expect(composer(ann)).toHaveValue('half a thought')
      await expect.poll(() => texts(ann)).toEqual(['said before'])
      await expect(upToDate(ann)).toBeVisible()
      await expect(newVersion(ann)).toHaveCount(0)
      if (serviceWorkers === 'block') return
      // The new version is kept, too, and opens while a gateway says that there is nothing.
      await expect.poll(() => shell(ann)).toBe(next)
      proxy.to('nothing')
      await ann.reload()
      await expect.poll(() => texts(ann)).toEqual(['said before'])
      await expect(script(ann, next)).toHaveCount(1)
      // A server that is set back gets its own client back, also without a network.
      proxy.to('present')
      await ann.reload()
      await expect(script(ann, proxy.version)).toHaveCount(1)
      await expect.poll(() => shell(ann)).toBe(proxy.version)
      await proxy.close()
      await ann.reload()
      await expect.poll(() => texts(ann)).toEqual(['said before'])
      await expect(script(ann, proxy.version)).toHaveCount(1)
    } finally {
      await proxy.close().catch(() => undefined)
    }
  })

test('U-63 a server that was set back to before there were workers gets rid of the one that is there', async ({
  parley,
  device,
  expected,
}) => {
  expected.push(...serverAway, /^request to/, /Failed to load resource/, /bad HTTP response code/)
  const proxy = await Upgrade.before(parley.url)
  try {
    const ann = await device({ ...installable, baseURL: proxy.url })
    await signUp(ann, 'ann')
    await installed(ann)
    proxy.to('past')
    await ann.reload()
    await expect(rooms(ann)).toBeVisible()
    const left = () =>
      ann.evaluate(async () => [
        (await navigator.serviceWorker.getRegistrations()).length,
        (await caches.keys()).length,
      ])
    await expect.poll(left).toEqual([0, 0])
  } finally {
    await proxy.close()
  }
})
