import type { Page } from '@playwright/test'
import { attend } from './attention'
import { Bot } from './bot'
import { Relay } from './network'
import { keepNotified, listens, notified, open, permitted, press, said, wantNotifications } from './notified'
import {
  choose,
  createRoom,
  expect,
  joinRoom,
  openRoom,
  roomIn,
  rooms,
  rows,
  say,
  signIn,
  signUp,
  test,
} from './parley'

const link = (page: Page, name: string) =>
  rooms(page).getByRole('link', { name: new RegExp(`^(Online |Offline )?${name}`) })

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Notifications', exact: true })

async function openSettings(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account and settings' }).click()
  await page.getByRole('button', { name: 'Notifications', exact: true }).click()
  await expect(dialog(page)).toBeVisible()
}

async function closeSettings(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
}

/** SetLevel says of which messages of a room one wants to be told. */
async function setLevel(page: Page, name: string, level: string): Promise<void> {
  const item = page.getByRole('menuitemradio', { name: level })
  // A menu that has just closed does not open again at once.
  await expect(async () => {
    await link(page, name).focus()
    await page.keyboard.press('Shift+F10')
    await item.click({ timeout: 2_000 })
  }).toPass({ timeout: 60_000 })
  await expect(item).toHaveCount(0)
}

/** Somebody who wants notifications, with bo's room news in the list and another one in front. */
async function elsewhere(page: Page, url: string, wanted: object = {}): Promise<{ bo: Bot; news: number }> {
  await wantNotifications(page, wanted)
  await signUp(page, 'ann')
  const bo = await Bot.register(url, 'bo')
  const { id: news } = await bo.createRoom('news')
  await joinRoom(page, 'news')
  await createRoom(page, 'general')
  await listens(page)
  return { bo, news }
}

test('U-70 the browser is asked by a button that says why, and by nothing else', async ({
  device,
  parley,
}) => {
  const page = await device()
  await keepNotified(page.context())
  await page.context().addInitScript(() => {
    // The one stand-in: nobody can answer the question of a browser without a head.
    let answer: NotificationPermission = 'default'
    Object.defineProperty(Notification, 'permission', { get: () => answer })
    Notification.requestPermission = async () => {
      document.documentElement.dataset.asked = 'yes'
      answer = 'granted'
      return answer
    }
  })
  const asked = page.locator('html[data-asked]')
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  await joinRoom(page, 'news')
  await openRoom(page, 'general')
  await listens(page)
  const hint = page.getByRole('group', { name: /while you were elsewhere/ })

  // What comes while somebody is there is seen; what comes while nobody is there brings the hint, once.
  await bo.say(news.id, 'seen')
  await expect(link(page, 'news')).toHaveAccessibleName(/1 unread/)
  await attend(page, false)
  await bo.say(news.id, 'missed')
  await expect(hint).toBeVisible()
  await expect(asked).toHaveCount(0)
  await hint.getByRole('button', { name: 'Not now' }).click()
  await expect(hint).toHaveCount(0)
  await page.reload()
  await attend(page, false)
  await listens(page)
  await bo.say(news.id, 'missed again')
  await expect(link(page, 'news')).toHaveAccessibleName(/3 unread/)

  await openSettings(page)
  await expect(dialog(page)).toContainText('Your browser will ask whether it may.')
  await expect(dialog(page).getByRole('checkbox')).toHaveCount(0)
  await expect(hint).toHaveCount(0)
  await expect(asked).toHaveCount(0)
  expect(await notified(page)).toEqual([])
  await dialog(page).getByRole('button', { name: 'Turn on notifications' }).click()
  await expect(asked).toHaveCount(1)
  await expect(
    dialog(page).getByRole('checkbox', { name: 'Show notifications on this device' }),
  ).toBeChecked()
})

test('U-70 where the browser refuses, nothing is shown, and the settings say what to do', async ({
  device,
  parley,
}) => {
  // Whatever is not granted here is denied.
  const page = await device({ permissions: ['geolocation'] })
  await wantNotifications(page)
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const news = await bo.createRoom('news')
  await joinRoom(page, 'news')
  await createRoom(page, 'general')
  await listens(page)
  await attend(page, false)
  await bo.say(news.id, 'one')
  await expect(link(page, 'news')).toHaveAccessibleName(/1 unread/)
  await openSettings(page)
  await expect(dialog(page).getByRole('status').first()).toContainText('Your browser blocks notifications')
  await expect(dialog(page).getByRole('button', { name: 'Turn on' })).toHaveCount(0)
  await bo.say(news.id, 'two')
  await expect(link(page, 'news')).toHaveAccessibleName(/2 unread/)
  expect(await notified(page)).toEqual([])
})

test('U-70 a room tells by its level, two people always, and nobody of what they wrote or look at', async ({
  device,
  parley,
}) => {
  const page = await device(permitted)
  await wantNotifications(page)
  await signUp(page, 'ann')
  const bo = await Bot.register(parley.url, 'bo')
  const ids: Record<string, number> = {}
  for (const name of ['all', 'named', 'none', 'muted']) {
    ids[name] = (await bo.createRoom(name)).id
    await joinRoom(page, name)
  }
  await setLevel(page, 'named', 'Mentions only')
  await setLevel(page, 'none', 'Nothing')
  await choose(page, 'Options for muted', 'Mute')
  await createRoom(page, 'here')
  const here = await roomIn(page)
  await bo.join(here)
  const direct = await bo.direct('ann')
  await expect(link(page, 'bo')).toBeVisible()
  await setLevel(page, 'bo', 'Mentions only')
  await listens(page)

  await bo.say(here, '@ann in front of you')
  await say(page, 'my own')
  await bo.say(ids.none ?? 0, '@ann not wanted')
  await bo.say(ids.muted ?? 0, 'quiet')
  await bo.say(ids.named ?? 0, 'not for you')
  for (const name of ['named', 'muted', 'none'])
    await expect(link(page, name)).toHaveAccessibleName(name === 'muted' ? /muted$/ : /1 unread/)
  await bo.say(direct.id, 'between us')
  await expect.poll(() => said(page)).toEqual(['bo | between us'])
  await bo.say(ids.named ?? 0, 'for you, @ann')
  await bo.say(ids.muted ?? 0, 'you too, @ann')
  await bo.say(ids.all ?? 0, 'for everybody')
  await expect
    .poll(async () =>
      (await said(page))
        .slice(1)
        .map((text) => text.replace(/ \| 1 mention$/, ' | …'))
        .sort(),
    )
    .toEqual([
      'all | bo: for everybody',
      expect.stringMatching(/^muted \| (bo: you too, @ann|…)$/),
      expect.stringMatching(/^named \| (bo: for you, @ann|…)$/),
    ])

  // What the person writes on another device is theirs.
  const phone = await device()
  await phone.goto('/')
  await signIn(phone, 'ann')
  await openRoom(phone, 'all')
  const before = (await said(page)).length
  await say(phone, 'written on the phone')
  await expect(rows(phone)).toHaveCount(2)
  await attend(page, false)
  await bo.say(here, 'and now behind you')
  await expect.poll(async () => (await said(page)).slice(before)).toEqual(['here | bo: and now behind you'])
})

test('U-70 a click opens the message; what is read here, elsewhere or by the click is cleared, and so is what is deleted', async ({
  device,
  parley,
}) => {
  const page = await device(permitted)
  const { bo, news } = await elsewhere(page, parley.url)
  await attend(page, false)
  await bo.say(news, 'the first word')
  await expect.poll(() => open(page)).toEqual(['news | bo: the first word'])
  await bo.say(news, 'the second word')
  await expect.poll(() => open(page)).toEqual(['news | bo: the second word'])
  expect(new Set((await notified(page)).map(({ tag }) => tag)).size).toBe(1)
  await press(page, 'bo: the second word')
  await attend(page, true)
  await expect(rows(page).last()).toContainText('the second word')
  await expect(page).toHaveURL(/\/r\/\d+$/)
  await expect(rows(page).last()).toBeFocused()
  await expect.poll(() => open(page)).toEqual([])

  const phone = await device()
  await phone.goto('/')
  await signIn(phone, 'ann')
  await openRoom(page, 'general')
  await attend(page, false)
  const { seq } = await bo.say(news, 'read on the phone')
  await expect.poll(() => open(page)).toEqual(['news | bo: read on the phone'])
  await openRoom(phone, 'news')
  await expect(rows(phone).last()).toContainText('read on the phone')
  await expect.poll(() => open(page)).toEqual([])
  expect(seq).toBeGreaterThan(0)

  await openRoom(phone, 'general')
  await bo.say(news, 'a slip of the tongue')
  await expect.poll(() => open(page)).toEqual(['news | bo: a slip of the tongue'])
  await openRoom(page, 'news')
  await expect(rows(page).last()).toContainText('a slip of the tongue')
  await expect.poll(() => open(page)).toEqual(['news | bo: a slip of the tongue'])
  await attend(page, true)
  await expect.poll(() => open(page)).toEqual([])
})

test('U-70 what was missed is summed up, by room, and for many rooms in one', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(/WebSocket connection to/, /ERR_FAILED/)
  const page = await device(permitted)
  const relay = await Relay.before(page)
  const { bo, news } = await elsewhere(page, parley.url)
  const friends = await Promise.all(
    ['una', 'duo', 'tres', 'quattro'].map((name) => Bot.register(parley.url, name)),
  )
  const directs = await Promise.all(friends.map((friend) => friend.direct('ann')))
  await attend(page, false)

  relay.closed = true
  await relay.cut()
  for (let i = 1; i <= 12; i++) await bo.say(news, `missed ${i}`)
  relay.closed = false
  await expect.poll(() => open(page)).toEqual(['news | 12 new messages'])

  relay.closed = true
  await relay.cut()
  for (const [i, friend] of friends.entries()) await friend.say(directs[i]?.id ?? 0, 'hello')
  relay.closed = false
  await expect.poll(() => open(page)).toEqual(['news | 12 new messages', 'Parley | New messages in 4 rooms'])
  await attend(page, true)
  for (const { user } of friends) await openRoom(page, user.name)
  await expect.poll(() => open(page)).toEqual(['news | 12 new messages'])
  await openRoom(page, 'news')
  await expect.poll(() => open(page)).toEqual([])
})

test('U-70 of several tabs one tells, also when that one goes, and none of what another one looks at', async ({
  device,
  parley,
}) => {
  const first = await device(permitted)
  const { bo, news } = await elsewhere(first, parley.url)
  const other = await bo.createRoom('other')
  await joinRoom(first, 'other')
  await openRoom(first, 'general')
  const second = await first.context().newPage()
  await second.goto('/')
  await openRoom(second, 'general')
  await expect
    .poll(() => second.evaluate(async () => (await navigator.locks.query()).pending?.length))
    .toBeGreaterThan(0)
  await attend(first, false)
  await attend(second, false)
  const all = async () => [...(await said(first)), ...(await said(second))]
  await bo.say(news, 'once')
  await expect.poll(all).toEqual(['news | bo: once'])
  await expect(link(second, 'news')).toHaveAccessibleName(/1 unread/)

  // The second one looks at the room: the first is silent, and clears what it has told.
  await openRoom(second, 'news')
  await attend(second, true)
  await expect.poll(() => open(first)).toEqual([])
  await bo.say(news, 'seen by the second')
  await expect(rows(second).last()).toContainText('seen by the second')
  await bo.say(other.id, 'seen by nobody')
  await expect.poll(all).toEqual(['news | bo: once', 'other | bo: seen by nobody'])
  await openRoom(second, 'general')
  await attend(second, false)
  await bo.say(news, 'seen by nobody, too')
  await expect
    .poll(all)
    .toEqual(['news | bo: once', 'other | bo: seen by nobody', 'news | bo: seen by nobody, too'])

  await first.close()
  await expect
    .poll(() => second.evaluate(async () => (await navigator.locks.query()).pending?.length))
    .toBe(0)
  await bo.say(news, 'after the first')
  await expect.poll(() => said(second)).toEqual(['news | bo: after the first'])
})

test('U-70 who is not to be disturbed, or has quiet hours, hears nothing', async ({ device, parley }) => {
  const page = await device(permitted)
  const { bo, news } = await elsewhere(page, parley.url)
  await attend(page, false)
  const silent = async (text: string, unread: number) => {
    await bo.say(news, text)
    await expect(link(page, 'news')).toHaveAccessibleName(new RegExp(`${unread} unread`))
  }
  await page.getByRole('button', { name: 'Account and settings' }).click()
  await page.getByRole('radio', { name: 'Do not disturb' }).check()
  await page.getByRole('button', { name: 'Notifications', exact: true }).click()
  await expect(dialog(page)).toContainText('Your status is Do not disturb')
  await silent('not now', 1)
  await closeSettings(page)
  await page.getByRole('button', { name: 'Account and settings' }).click()
  await page.getByRole('radio', { name: 'Online' }).check()
  await page.getByRole('button', { name: 'Notifications', exact: true }).click()

  // The whole day but a minute that is not now.
  await dialog(page)
    .getByRole('checkbox', { name: /Quiet hours/ })
    .check()
  const clock = await page.evaluate(() => {
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toTimeString().slice(0, 5)
    return { from: at(-2), until: at(-3) }
  })
  await dialog(page).getByLabel('From').fill(clock.from)
  await dialog(page).getByLabel('Until').fill(clock.until)
  await silent('nor now', 2)
  await page.reload()
  await attend(page, false)
  await listens(page)
  await silent('nor after a reload', 3)
  await openSettings(page)
  await dialog(page)
    .getByRole('checkbox', { name: /Quiet hours/ })
    .uncheck()
  await closeSettings(page)
  await bo.say(news, 'but now')
  await expect.poll(() => said(page)).toEqual(['news | bo: but now'])
})

test('U-70 names and texts are words and nothing else, or are not shown at all, and there is a sound or none', async ({
  device,
  parley,
}) => {
  const page = await device(permitted)
  const { bo, news } = await elsewhere(page, parley.url, { sound: false })
  await attend(page, false)
  await bo.rename('<b>Bo</b>')
  await bo.say(news, 'look: **this**\n<img src=x onerror=alert(1)>\u202e')
  await expect.poll(() => said(page)).toEqual(['news | <b>Bo</b>: look: this <img src=x onerror=alert(1)>'])
  expect(await page.evaluate(() => window.tones)).toBe(0)

  await openSettings(page)
  await dialog(page).getByRole('checkbox', { name: 'Hide names and texts' }).check()
  await dialog(page).getByRole('checkbox', { name: 'Play a sound' }).check()
  await dialog(page).getByRole('slider', { name: 'Volume' }).fill('20')
  await dialog(page).getByRole('button', { name: 'Try it' }).click()
  await expect.poll(() => page.evaluate(() => window.tones)).toBe(2)
  await closeSettings(page)
  await openRoom(page, 'news')
  await attend(page, true)
  await expect.poll(() => open(page)).toEqual([])
  await openRoom(page, 'general')
  await attend(page, false)
  // What comes within three seconds of the last notification is not heard.
  await page.waitForTimeout(3_000)
  await bo.say(news, 'a secret')
  await expect.poll(() => open(page)).toEqual(['Parley | New message'])
  await expect.poll(() => page.evaluate(() => window.tones)).toBe(4)
  await bo.say(news, 'another')
  await expect.poll(async () => (await open(page)).join()).toMatch(/^Parley \| (2 new messages|New message)$/)
  expect(JSON.stringify(await notified(page))).not.toContain('secret')

  // Switched off, everything goes.
  await openSettings(page)
  await dialog(page).getByRole('checkbox', { name: 'Show notifications' }).uncheck()
  await expect.poll(() => open(page)).toEqual([])
  await expect(dialog(page).getByRole('checkbox', { name: 'Play a sound' })).toBeDisabled()
})
