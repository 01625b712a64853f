import type { Page } from '@playwright/test'
import type { InviteLink, SignedIn } from '../src/protocol/types'
import { address, password } from './bot'
import { Chorus, numbered } from './chorus'
import { Relay } from './network'
import {
  composer,
  createRoom,
  expect,
  joinRoom,
  openRoom,
  roomIn,
  rooms,
  rows,
  say,
  serverAway,
  signIn,
  test,
  texts,
  title,
  upToDate,
} from './parley'
import { walk } from './walk'

/** Enter answers the form of a link that lets somebody in. */
async function enter(page: Page, link: string, name: string, submit: string): Promise<void> {
  await page.goto(link)
  await page.getByLabel('E-mail address').fill(address(name))
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: submit }).click()
  await expect(rooms(page)).toBeVisible()
}

/** Invite is a link by which somebody may sign up. */
async function invite(url: string, owner: string): Promise<string> {
  const post = async <Answer>(path: string, token?: string, body: unknown = {}): Promise<Answer> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    })
    expect(answer.ok, await answer.clone().text()).toBe(true)
    return answer.json()
  }
  const { token } = await post<SignedIn>('/login', undefined, { email: address(owner), password })
  return (await post<InviteLink>('/admin/invites', token)).url
}

const link = (page: Page, name: string) => rooms(page).getByRole('link', { name: new RegExp(`^${name}`) })

test('U-01 U-41 U-61 U-62 a day of two people on three devices, with all that can go wrong in it', async ({
  parley,
  laptop,
  device,
  expected,
}) => {
  test.setTimeout(1_200_000)
  expected.push(...serverAway)

  // The morning: who runs the server comes first, and invites the other.
  const lid = await laptop()
  const desk = lid.page
  await enter(desk, await parley.setupLink(), 'ann', 'Become the owner')
  const ben = await device({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })
  const relay = await Relay.before(ben)
  await enter(ben, await invite(parley.url, 'ann'), 'ben', 'Create account')
  const tablet = await device()
  await tablet.goto('/')
  await signIn(tablet, 'ann')

  await createRoom(desk, 'harbour')
  await joinRoom(ben, 'harbour')
  const harbour = await roomIn(desk)
  const said: string[] = []
  const talk = async (page: Page, text: string) => {
    said.push(text)
    await say(page, text)
  }
  await talk(desk, 'Good morning, Ben')
  await expect(rows(ben)).toHaveText([/Good morning/])

  // Something between the two of them only.
  await rooms(tablet).getByRole('button', { name: 'New message' }).click()
  const dialog = tablet.getByRole('dialog', { name: 'New message' })
  await dialog.getByRole('combobox').fill('@ben')
  await expect(dialog.getByRole('option', { name: /@ben/ })).toBeVisible()
  await dialog.getByRole('combobox').press('Enter')
  await dialog.getByRole('combobox').press('Enter')
  await expect(title(tablet)).toHaveText(/^ben/)
  await say(tablet, 'between us')

  // In a tunnel: the network goes in the middle of a word, and of a message.
  await composer(ben).fill('I am in the ')
  relay.closed = true
  await relay.cut()
  await composer(ben).pressSequentially('tunnel')
  await composer(ben).press('Enter')
  said.push('I am in the tunnel')
  await expect(rows(ben).last()).toHaveAccessibleName(/sending, I am in the tunnel/)
  relay.closed = false
  await expect(rows(desk).last()).toContainText('I am in the tunnel')
  await expect(rows(ben).last()).toHaveAccessibleName(/\d{1,2}:\d\d, I am in the tunnel/)
  relay.deaf = true
  await talk(ben, 'Did that arrive?')
  await expect(rows(desk).last()).toContainText('Did that arrive?')
  await relay.cut()
  await expect(rows(ben).last()).toHaveAccessibleName(/\d{1,2}:\d\d, Did that arrive/)

  // Noon: the server dies in the middle of what is said.
  await talk(desk, 'before it died')
  await expect(rows(ben).last()).toContainText('before it died')
  await parley.kill()
  await talk(desk, 'while it was dead')
  await expect(rows(desk).last()).toHaveAccessibleName(/sending, while it was dead/)
  await parley.start()
  for (const page of [desk, ben])
    await expect(rows(page).last()).toHaveAccessibleName(/\d{1,2}:\d\d, while it was dead/)
  for (const page of [desk, ben]) await expect.poll(() => texts(page)).toEqual(said)

  // The afternoon: the laptop is closed, and everybody talks.
  const chorus = await Chorus.gather(parley.url, 60)
  await chorus.join(harbour)
  await expect(upToDate(desk)).toBeVisible()
  await expect(rows(desk)).toHaveCount(said.length)
  await lid.sleep()
  const slept = Date.now()
  await chorus.speak(harbour, numbered(5_000, 'afternoon'))
  await expect(link(tablet, 'harbour')).toHaveAccessibleName(/5,000 unread messages/)
  await new Promise((resolve) => setTimeout(resolve, slept + 12_000 - Date.now()))
  lid.wake()
  const history = await chorus.first.history(harbour)
  expect(history.slice(0, said.length)).toEqual(said)
  expect(history).toHaveLength(said.length + 5_000)
  for (const page of [desk, ben]) await expect(rows(page).last()).toContainText(history.at(-1) ?? '')

  // The evening: what is read on the one device is read on the other.
  await expect(link(tablet, 'harbour')).toHaveAccessibleName('harbour')
  await talk(desk, 'What a day')
  history.push('What a day')
  await openRoom(tablet, 'harbour')
  for (const page of [desk, ben, tablet]) await expect(rows(page).last()).toContainText('What a day')
  const read = await Promise.all([desk, ben, tablet].map(walk))
  for (const each of read) expect(each).toEqual(history)

  await ben.getByRole('button', { name: 'Back to rooms' }).tap()
  for (const [page, other] of [
    [ben, 'ann'],
    [desk, 'ben'],
    [tablet, 'ben'],
  ] as const) {
    await openRoom(page, other)
    await expect(rows(page)).toHaveText([/between us/])
  }
  chorus.leave()
})
