import type { Page } from '@playwright/test'
import { Bot } from './bot'
import {
  choose,
  composer,
  createRoom,
  expect,
  joinRoom,
  openRoom,
  rooms,
  rows,
  say,
  signUp,
  test,
  title,
} from './parley'

const panel = (page: Page) => page.getByRole('complementary', { name: 'Members' })
const person = (page: Page, name: string) =>
  panel(page)
    .getByRole('listitem')
    .filter({ hasText: `@${name}` })

async function createPrivate(page: Page, name: string): Promise<void> {
  await rooms(page).getByRole('button', { name: 'New room' }).first().click()
  await page.getByText('Private', { exact: true }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Create room' }).click()
  await expect(title(page)).toHaveText(new RegExp(name))
}

test('U-10 a private room is seen by nobody but who is invited, and those who were removed see it no more', async ({
  device,
}) => {
  const ann = await device()
  const bo = await device()
  await signUp(ann, 'ann')
  await signUp(bo, 'bo')
  await createPrivate(ann, 'hideout')
  await say(ann, 'psst')
  await expect(rooms(bo).getByText('Direct messages')).toBeVisible()
  await expect(rooms(bo).getByRole('link')).toHaveCount(0)

  await choose(ann, 'More about this room', 'Invite people')
  const dialog = ann.getByRole('dialog', { name: 'Invite people to hideout' })
  const find = dialog.getByRole('combobox', { name: 'Find people' })
  await expect(find).toBeFocused()
  await find.fill('@bo')
  await dialog.getByRole('option', { name: /bo/ }).click()
  await expect(dialog.getByRole('button', { name: 'Take bo out' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
  await expect(ann.getByRole('status').filter({ hasText: 'bo is in hideout now' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Close' }).first().click()

  await openRoom(bo, 'hideout')
  await expect(rows(bo)).toHaveText([/psst/])
  await expect(bo.getByText('ann brought bo in')).toBeVisible()

  await choose(ann, 'Actions for bo', 'Remove from the room')
  await ann
    .getByRole('dialog', { name: 'Remove bo from hideout?' })
    .getByRole('button', { name: 'Remove' })
    .click()
  await expect(person(ann, 'bo')).toHaveCount(0)
  await expect(ann.getByText('ann removed bo')).toBeVisible()
  await expect(bo.getByRole('heading', { name: 'There is no such room' })).toBeVisible()
  await expect(rooms(bo).getByRole('link')).toHaveCount(0)
})

test('U-10 members have roles: an owner gives them, and hands the room over before leaving', async ({
  device,
  expected,
}) => {
  expected.push(/status of 40[39]/)
  const ann = await device()
  const bo = await device()
  await signUp(ann, 'ann')
  await signUp(bo, 'bo')
  await createRoom(ann, 'general')
  await joinRoom(bo, 'general')
  await expect(person(ann, 'bo')).toBeVisible()
  await expect(bo.getByRole('button', { name: 'Actions for ann' })).toBeVisible()

  await choose(ann, 'Actions for bo', 'Make an admin')
  await expect(person(ann, 'bo')).toContainText('Admin')
  await expect(person(bo, 'bo')).toContainText('Admin')

  await choose(ann, 'More about this room', 'Leave the room')
  const leave = ann.getByRole('dialog', { name: 'Leave general?' })
  await leave.getByRole('button', { name: 'Leave the room' }).click()
  await expect(leave.getByRole('alert').first()).not.toBeEmpty()
  await leave.getByRole('button', { name: 'Cancel' }).click()

  await choose(ann, 'Actions for bo', 'Hand over the room')
  await ann
    .getByRole('dialog', { name: 'Hand general over to bo?' })
    .getByRole('button', { name: 'Hand over' })
    .click()
  await expect(person(ann, 'bo')).toContainText('Owner')
  await expect(person(ann, 'ann')).toContainText('Admin')
  await choose(ann, 'More about this room', 'Leave the room')
  await leave.getByRole('button', { name: 'Leave the room' }).click()
  await expect(leave).toHaveCount(0)
  await expect(person(bo, 'ann')).toHaveCount(0)

  await choose(bo, 'More about this room', 'About this room')
  const about = bo.getByRole('dialog', { name: 'general' })
  await about.getByLabel('Name').fill('the hall')
  await about.getByLabel('Topic').fill('Where everybody meets')
  await about.getByRole('button', { name: 'Save' }).click()
  await expect(title(bo)).toHaveText(/the hall/)
  await expect(bo.getByText('Where everybody meets').first()).toBeVisible()
})

test('U-10 a room is archived and restored, a banned person is told so, and can be let in again', async ({
  device,
  expected,
}) => {
  expected.push(/status of 40[34]/)
  const ann = await device()
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  const bo = await device()
  await signUp(bo, 'bo')
  await joinRoom(bo, 'general')

  await choose(ann, 'More about this room', 'About this room')
  const about = ann.getByRole('dialog', { name: 'general', exact: true })
  await about.getByRole('button', { name: 'Archive the room' }).click()
  await ann
    .getByRole('dialog', { name: 'Archive general?' })
    .getByRole('button', { name: 'Archive the room' })
    .click()
  await expect(ann.getByRole('dialog')).toHaveCount(1)
  await expect(about.getByRole('button', { name: 'Restore the room' })).toBeVisible()
  await expect(bo.getByText('This room is archived.', { exact: false })).toBeVisible()
  await about.getByRole('button', { name: 'Restore the room' }).click()
  await ann
    .getByRole('dialog', { name: 'Restore general?' })
    .getByRole('button', { name: 'Restore the room' })
    .click()
  await expect(ann.getByRole('dialog')).toHaveCount(1)
  await expect(about.getByRole('button', { name: 'Archive the room' })).toBeVisible()
  await about.getByRole('button', { name: 'Close' }).click()
  await expect(composer(bo)).toBeVisible()

  await choose(ann, 'Actions for bo', 'Ban from the room')
  await ann.getByRole('dialog', { name: 'Ban bo from general?' }).getByRole('button', { name: 'Ban' }).click()
  const banned = panel(ann).getByRole('region', { name: 'Banned' })
  await expect(banned.getByRole('listitem')).toHaveText([/@bo/])
  await expect(person(ann, 'bo')).toHaveCount(1)
  await expect(composer(bo)).toHaveCount(0)

  // The ban is lifted, and the room open again.
  await banned.getByRole('button', { name: 'Lift the ban of bo' }).click()
  await expect(ann.getByRole('status').filter({ hasText: 'bo can come back now' })).toBeVisible()
  await expect(banned).toHaveCount(0)
  await bo.goto('/')
  await joinRoom(bo, 'general')
  await say(bo, 'thanks')
  await expect(rows(ann)).toHaveText([/thanks/])
})

test('U-05 a link lets somebody into a private room after they have signed up, until it is ended', async ({
  device,
  expected,
}) => {
  const ann = await device()
  await signUp(ann, 'ann')
  await createPrivate(ann, 'hideout')
  await say(ann, 'psst')
  await choose(ann, 'More about this room', 'Invite people')
  const dialog = ann.getByRole('dialog', { name: 'Invite people to hideout' })
  await dialog.getByLabel('Good for').selectOption({ label: '1 hour' })
  await dialog.getByLabel('Lets in').selectOption({ label: '10 people' })
  await dialog.getByRole('button', { name: 'Make a link' }).click()
  const address = await dialog.getByLabel(/The link/).inputValue()
  await expect(dialog.getByText(/^For 10 people, until /)).toBeVisible()

  const bo = await device()
  await bo.goto(address)
  await bo.getByRole('button', { name: 'Create an account' }).click()
  await bo.getByLabel('E-mail address').fill('bo@example.org')
  await bo.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await bo.getByRole('button', { name: 'Create account' }).click()
  const invited = bo.getByRole('dialog', { name: 'You are invited' })
  await expect(invited).toContainText('This link lets you into hideout.')
  await invited.getByRole('button', { name: 'Join room' }).click()
  await expect(title(bo)).toHaveText(/hideout/)
  await expect(rows(bo)).toHaveText([/psst/])
  await say(bo, 'here I am')
  await expect(rows(ann)).toHaveCount(2)

  await dialog.getByRole('button', { name: 'End this link' }).click()
  await expect(dialog.getByText(/^For /)).toHaveCount(0)
  expected.push(/status of 404/)
  const late = await device()
  await signUp(late, 'late')
  await late.goto(address)
  await expect(
    late.getByRole('dialog', { name: 'You are invited' }).getByRole('alert').first(),
  ).not.toBeEmpty()
})

test('U-10 a direct conversation is opened from a person, by name or by handle, and is one for both', async ({
  device,
  parley,
}) => {
  const ann = await device()
  await signUp(ann, 'ann')
  const bo = await device()
  await signUp(bo, 'bo')
  const cleo = await Bot.register(parley.url, 'cleo')
  await cleo.createRoom('general')
  await joinRoom(ann, 'general')

  await ann.getByRole('button', { name: 'Actions for cleo' }).click()
  await expect(ann.getByRole('menuitem').first()).toBeFocused()
  await ann.keyboard.press('Enter')
  await expect(title(ann)).toHaveText('cleoUp to date: every message is here')
  await expect(composer(ann)).toHaveAccessibleName('Message cleo')
  await expect(rooms(ann).getByRole('link', { name: 'cleo' })).toHaveAttribute('aria-current', 'page')

  await rooms(ann).getByRole('button', { name: 'New message' }).click()
  const dialog = ann.getByRole('dialog', { name: 'New message' })
  await dialog.getByRole('combobox').fill('@bo')
  await expect(dialog.getByRole('option', { name: /@bo/ })).toBeVisible()
  await ann.keyboard.press('Enter')
  await ann.keyboard.press('Enter')
  await expect(title(ann)).toHaveText(/^bo/)
  await say(ann, 'hello bo')

  const link = rooms(bo).getByRole('link', { name: /ann/ })
  await expect(link).toHaveAccessibleName(/1 unread message/)
  await link.click()
  await expect(rows(bo)).toHaveText([/hello bo/])
  await say(bo, 'hello ann')
  await expect(rows(ann)).toHaveCount(2)
})

test('U-10 several people make a group, named after them', async ({ device, parley }) => {
  const ann = await device()
  await signUp(ann, 'ann')
  for (const name of ['bo', 'cleo']) await Bot.register(parley.url, name)
  await rooms(ann).getByRole('button', { name: 'New message' }).click()
  const dialog = ann.getByRole('dialog', { name: 'New message' })
  for (const name of ['bo', 'cleo']) {
    await dialog.getByRole('combobox').fill(name)
    await dialog.getByRole('option', { name: new RegExp(`@${name}`) }).click()
  }
  await dialog.getByRole('button', { name: 'Make a group' }).click()
  await expect(title(ann)).toHaveText(/ann, bo, cleo/)
  await expect(panel(ann).getByRole('listitem')).toHaveCount(3)
})

test('U-10 public rooms are browsed by a part of their name', async ({ device, parley }) => {
  const bo = await Bot.register(parley.url, 'bo')
  for (const name of ['alpha', 'beta', 'Alphabet', 'gamma', 'delta', 'eps', 'zeta', 'eta'])
    await bo.createRoom(name)
  const ann = await device()
  await signUp(ann, 'ann')
  await expect(rooms(ann).getByRole('link')).toHaveCount(6)
  await rooms(ann).getByRole('button', { name: 'Browse all 8 rooms' }).click()
  const dialog = ann.getByRole('dialog', { name: 'Browse rooms' })
  await expect(dialog.getByRole('link')).toHaveCount(8)
  await dialog.getByRole('searchbox').fill('alpha')
  await expect(dialog.getByRole('link')).toHaveCount(2)
  await dialog.getByRole('link', { name: /Alphabet/ }).click()
  await expect(dialog).toHaveCount(0)
  await expect(title(ann)).toHaveText(/Alphabet/)
})
