import { cutOff, Relay } from './network'
import {
  choose,
  composer,
  createRoom,
  expect,
  openRoom,
  rows,
  say,
  signUp,
  test,
  texts,
  together,
} from './parley'

test('U-48 what the server does not take now stays, and the page says in how many seconds it goes on', async ({
  device,
}) => {
  const page = await device()
  const relay = await Relay.before(page)
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await say(page, 'one')
  await expect(rows(page)).toHaveAccessibleName(/\d, one$/)
  relay.refuse('sendMessage', { code: 'rate_limited', message: 'slow down', retryAfter: 15 })
  await say(page, 'two')
  const counted = page.getByText(/It goes on in \d+ seconds?\.$/).and(page.locator('[aria-hidden]'))
  await expect(counted).toBeVisible()
  const first = Number(/\d+/.exec((await counted.textContent()) ?? ''))
  expect(first).toBeGreaterThan(1)
  // It counts down for eyes, and is said once to ears.
  const status = page.getByRole('status').filter({ hasText: 'Too much at once' })
  const said = await status.textContent()
  await expect.poll(async () => Number(/\d+/.exec((await counted.textContent()) ?? ''))).toBeLessThan(first)
  await expect(status).toHaveText(said ?? '')
  await expect(rows(page).last()).toHaveAccessibleName(/sending, two/)
  await expect(rows(page).last()).toHaveAccessibleName(/\d, two$/)
  await expect(counted).toHaveCount(0)
  await expect(rows(page)).toHaveCount(2)
})

test('U-48 a room that is closed to writing says why, and what was begun stays for when it is open again', async ({
  device,
}) => {
  const [ann, bo] = await together(device, 'general')
  await composer(bo).fill('half a thought')
  await choose(ann, 'More about this room', 'About this room')
  await ann.getByRole('button', { name: 'Archive the room' }).click()
  await ann.getByRole('dialog').last().getByRole('button', { name: 'Archive the room' }).click()
  await expect(bo.getByText('This room is archived. It can be read, but not written to.')).toBeVisible()
  await expect(composer(bo)).toHaveCount(0)
  await ann.getByRole('button', { name: 'Restore the room' }).first().click()
  await ann.getByRole('dialog').last().getByRole('button', { name: 'Restore the room' }).click()
  await expect(composer(bo)).toHaveValue('half a thought')
})

test('U-40 an own message is in sight at once, and its event takes its place', async ({ device }) => {
  const page = await device()
  const relay = await Relay.before(page)
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  relay.deaf = true
  await say(page, 'hello')
  const row = rows(page).last()
  await expect(row).toHaveAccessibleName('ann, sending, hello')
  const handle = await row.elementHandle()
  await page.evaluate(() => {
    const row = document.querySelector('[role="article"]')
    const seen = { removed: 0 }
    Object.assign(window, { seen })
    new MutationObserver((changes) => {
      for (const { removedNodes } of changes)
        for (const node of removedNodes) if (node === row) seen.removed++
    }).observe(document.body, { childList: true, subtree: true })
  })
  await relay.cut()
  await expect(row).toHaveAccessibleName(/^ann, \d{1,2}:\d\d, hello$/)
  expect(await handle?.evaluate((element) => element.isConnected)).toBe(true)
  expect(await page.evaluate(() => (window as unknown as { seen: { removed: number } }).seen.removed)).toBe(0)
})

test('U-41 an answer that is lost makes no second message', async ({ device }) => {
  const page = await device()
  const relay = await Relay.before(page)
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await say(page, 'before')
  await expect(rows(page)).toHaveAccessibleName(/, \d{1,2}:\d\d, /)
  for (let round = 0; round < 3; round++) {
    relay.deaf = true
    await say(page, `lost ${round} a`)
    await say(page, `lost ${round} b`)
    await expect.poll(() => relay.said).toContain(`lost ${round} a`)
    await relay.cut()
    await expect(rows(page).last()).toHaveAccessibleName(new RegExp(`\\d{1,2}:\\d\\d, lost ${round} b`))
  }
  const want = ['before', 'lost 0 a', 'lost 0 b', 'lost 1 a', 'lost 1 b', 'lost 2 a', 'lost 2 b']
  expect(await texts(page)).toEqual(want)
  await page.reload()
  await expect(rows(page)).toHaveCount(want.length)
  expect(await texts(page)).toEqual(want)
})

test('U-42 what could not be sent survives a reload, in its order', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  const network = await cutOff(page)
  // The room's list is there, its messages cannot come; what is written waits.
  for (const text of ['one', 'two', 'three']) await say(page, text)
  await page.reload()
  await network.restore()
  await expect(rows(page)).toHaveCount(3)
  await expect(rows(page).last()).toHaveAccessibleName(/\d{1,2}:\d\d, three/)
  expect(await texts(page)).toEqual(['one', 'two', 'three'])
  // The answer may come behind what everybody is told.
  await expect
    .poll(() => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('outbox'))))
    .toEqual([])
})

test('U-43 a draft stays with its room, over switching and reloading', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'alpha')
  await createRoom(page, 'beta')
  await composer(page).fill('half a thought')
  await openRoom(page, 'alpha')
  await expect(composer(page)).toHaveValue('')
  await page.reload()
  await openRoom(page, 'beta')
  await expect(composer(page)).toHaveValue('half a thought')
  await composer(page).press('Enter')
  await expect(composer(page)).toHaveValue('')
  await page.reload()
  await expect(rows(page)).toHaveCount(1)
  await expect(composer(page)).toHaveValue('')
})

test('U-44 empty is not sent, Shift with Enter is a new line, and the limit is told in time', async ({
  device,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  const send = page.getByRole('button', { name: 'Send message' })
  await composer(page).press('Enter')
  await composer(page).fill('  \n ')
  await expect(send).toBeDisabled()
  await composer(page).press('Enter')

  await composer(page).fill('first')
  await composer(page).press('Shift+Enter')
  await composer(page).pressSequentially('second')
  await composer(page).press('Enter')
  await expect(rows(page)).toHaveCount(1)
  expect(await texts(page)).toEqual(['first\nsecond'])

  await composer(page).fill('x'.repeat(9_499))
  await expect(page.getByText(/characters? left/)).toHaveCount(0)
  await composer(page).fill('😀'.repeat(9_500))
  await expect(page.getByText('500 characters left')).toBeVisible()
  await composer(page).fill('x'.repeat(10_001))
  await expect(page.getByText('1 character too long')).toBeVisible()
  await expect(send).toBeDisabled()
  await composer(page).press('Enter')
  await expect(rows(page)).toHaveCount(1)
  await composer(page).fill('x'.repeat(10_000))
  await composer(page).press('Enter')
  await expect(rows(page).last()).toHaveAccessibleName(/\d{1,2}:\d\d, x{100}/)
})

test('U-44 Enter that ends a composition sends nothing', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await composer(page).fill('にほん')
  await composer(page).evaluate((area) => {
    area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, isComposing: true }))
    area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true }))
  })
  await expect(composer(page)).toHaveValue('にほん')
  await composer(page).press('Enter')
  await expect(rows(page)).toHaveCount(1)
})

test('U-29 the composer grows to eight lines, and the last message stays in sight', async ({ device }) => {
  const page = await device({ viewport: { width: 1280, height: 600 } })
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  for (let i = 0; i < 14; i++) await say(page, `line ${i}`)
  await expect(rows(page)).toHaveCount(14)
  const height = async () => (await composer(page).boundingBox())?.height ?? 0
  const one = await height()
  await composer(page).fill('a\nb\nc\nd')
  await expect.poll(height).toBeGreaterThan(one * 2)
  const four = await height()
  await composer(page).fill('line\n'.repeat(30))
  await expect.poll(height).toBeGreaterThan(four)
  expect(await height()).toBeLessThan(one * 6)
  await expect(rows(page).last()).toBeInViewport({ ratio: 1 })
})
