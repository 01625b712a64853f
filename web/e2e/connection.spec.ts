import { Bot } from './bot'
import {
  composer,
  createRoom,
  expect,
  joinRoom,
  roomIn,
  rows,
  say,
  serverAway,
  signUp,
  test,
  texts,
  together,
  upToDate,
} from './parley'

test('U-60 U-61 after kill -9 and a restart everybody catches up once, in order, and what waited is sent', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(...serverAway)
  const [ann, bo] = await together(device, 'general')
  const bot = await Bot.register(parley.url, 'bot')
  const room = await roomIn(ann)
  await bot.join(room)
  bot.leave()
  await say(ann, 'acknowledged before')
  await expect(rows(bo)).toHaveCount(1)

  await parley.kill()
  await say(ann, 'written while away 1')
  await say(ann, 'written while away 2')
  const status = ann.getByRole('status').filter({ hasText: /Connecting|Offline/ })
  await expect(status).toBeVisible()
  await expect(upToDate(ann)).toHaveCount(0)
  await expect(rows(ann).last()).toHaveAccessibleName(/sending, written while away 2/)
  const chip = await status.locator('div').boundingBox()
  const input = await composer(ann).boundingBox()
  expect((chip?.y ?? 0) + (chip?.height ?? 0)).toBeLessThan(input?.y ?? 0)

  await parley.start()
  for (let i = 0; i < 5; i++) await bot.say(room, `said after the restart ${i}`)
  for (const page of [ann, bo]) await expect(rows(page)).toHaveCount(8)
  await expect(upToDate(ann)).toBeVisible()
  const all = await texts(bo)
  // What is on its way yet stands at the end.
  await expect.poll(() => texts(ann)).toEqual(all)
  expect(new Set(all).size).toBe(8)
  expect(all[0]).toBe('acknowledged before')
  expect(all.filter((text) => text.startsWith('written'))).toEqual([
    'written while away 1',
    'written while away 2',
  ])
  expect(all.filter((text) => text.startsWith('said'))).toEqual(
    [0, 1, 2, 3, 4].map((i) => `said after the restart ${i}`),
  )
  await say(bo, 'and on it goes')
  await expect(rows(ann).last()).toContainText('and on it goes')
})

test('U-60 a server that stops in good order is come back to by itself', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(...serverAway)
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await parley.stop()
  await expect(page.getByRole('status').filter({ hasText: /Offline/ })).toBeVisible()
  await parley.start()
  // It stands for two seconds only: the page itself looks, with every frame.
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('[role=status]')].some(({ textContent }) =>
        textContent?.includes('Back online'),
      ),
    undefined,
    { timeout: 60_000 },
  )
  await expect(page.getByRole('status').filter({ hasText: 'Back online' })).toHaveCount(0)
  await say(page, 'still here')
  await expect(rows(page)).toHaveAccessibleName(/\d{1,2}:\d\d, still here/)
})

test('U-51 who is online is the same for everybody, also with two tabs and after one closes', async ({
  device,
}) => {
  const ann = await device()
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  const online = ann.getByRole('region', { name: /^Online/ }).getByRole('listitem')
  await expect(online).toHaveText([/ann/])

  const bo = await device()
  await signUp(bo, 'bo')
  await joinRoom(bo, 'general')
  await expect(online).toHaveText([/ann/, /bo/])
  const tab = await bo.context().newPage()
  await tab.goto(`/r/${await roomIn(bo)}`)
  await expect(upToDate(tab)).toBeVisible()
  await expect(online).toHaveCount(2)
  await tab.close()
  await say(bo, 'one tab left')
  await expect(rows(ann)).toHaveCount(1)
  await expect(online).toHaveCount(2)
  await bo.close()
  await expect(online).toHaveText([/ann/])
})

test('U-62 a second device of the same person is in step', async ({ device }) => {
  const desk = await device()
  await signUp(desk, 'ann')
  await createRoom(desk, 'general')
  const phone = await device({ viewport: { width: 360, height: 640 }, hasTouch: true })
  await phone.goto(`/r/${await roomIn(desk)}`)
  await phone.getByLabel('E-mail address').fill('ann@example.org')
  await phone.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await phone.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(composer(phone)).toBeVisible()
  await say(desk, 'from the desk')
  await expect(rows(phone)).toHaveText([/from the desk/])
  await say(phone, 'from the phone')
  await expect(rows(desk)).toHaveCount(2)
  expect(await texts(desk)).toEqual(await texts(phone))
})
