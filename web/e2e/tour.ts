import type { Locator, Page } from '@playwright/test'
import type { AnyCatalogue, TextId } from '../src/text/catalogue'
import { attend } from './attention'
import { address, Bot, password } from './bot'
import { cutOff } from './network'
import { expect, rows, settled } from './parley'
import type { Parley } from './server'

/** What the browsers of a tour complain about: refusals and a network that are shown on purpose. */
export const tourComplaints = [/status of 40[0134]/]

/**
 * Tour leads a page, in the language of the given texts and in a window of any
 * size, to every screen and every dialog there is, and stops at each.
 */
export async function tour(
  page: Page,
  parley: Parley,
  texts: AnyCatalogue,
  stop: (screen: string) => Promise<void>,
): Promise<void> {
  const said = (id: TextId) => {
    const text = texts[id]
    if (typeof text !== 'string') throw new Error(`${id} is counted`)
    return text
  }
  const visit = async (screen: string) => {
    // What is in the middle of a movement is nobody's screen.
    await settled(page)
    await stop(screen)
  }
  const button = (id: TextId, within: Page | Locator = page) =>
    within.getByRole('button', { name: said(id), exact: true })
  const dialog = () => page.getByRole('dialog').last()
  const sidebar = page.getByRole('navigation')
  const close = async () => {
    const open = await page.getByRole('dialog').count()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(Math.max(0, open - 1))
  }
  const toRooms = async () => {
    if (await button('rooms.back').isVisible()) await button('rooms.back').click()
    await expect(sidebar).toBeVisible()
  }
  const toRoom = async (name: string) => {
    await toRooms()
    await sidebar.getByRole('link', { name }).click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText(name)
  }
  // On a phone a menu is a sheet of buttons.
  const item = (id: TextId) =>
    page
      .getByRole('menuitem', { name: said(id) })
      .or(dialog().getByRole('button', { name: said(id), exact: true }))
  const choose = async (menu: TextId, entry: TextId) => {
    // A menu that has just closed does not open again at once.
    await expect(async () => {
      if (!(await item(entry).isVisible())) await button(menu).click({ timeout: 5_000 })
      await item(entry).click({ timeout: 5_000 })
    }).toPass()
    await expect(dialog()).toBeVisible()
  }
  const opens = async (opener: Locator, screen: string) => {
    await opener.click()
    await expect(dialog()).toBeVisible()
    await visit(screen)
  }

  const mira = await Bot.register(parley.url, 'mira')
  const ann = await Bot.register(parley.url, 'ann')
  const festival = await mira.createRoom('harbour-festival')
  const own = await ann.createRoom('workshop')
  await mira.createRoom('open-to-all')
  await mira.say(festival.id, 'Good morning, the plan is at https://example.org/plan')
  for (const person of [mira, ann]) await person.join(festival.id)
  await mira.say(festival.id, 'Are you there, @ann?')
  await mira.join(own.id)
  await mira.show({ status: 'away' })
  await ann.say(own.id, 'a word of mine')
  await mira.say(own.id, `a long one: ${'quay '.repeat(40)}`)

  await page.goto('/setup#token=nothing')
  await expect(button('auth.setUp.submit')).toBeVisible()
  await visit('setup')
  await page.goto('/reset#token=nothing')
  await expect(button('auth.reset.submit')).toBeVisible()
  await visit('reset')
  await page.goto('about:blank')
  await page.goto('/')
  await visit('sign-in')
  await button('auth.signIn.switchAction').click()
  await button('auth.signUp.submit').click()
  await visit('sign-up with errors')
  await button('auth.signUp.switchAction').click()
  await page.getByLabel(said('auth.email')).fill(address('ann'))
  await page.getByLabel(said('auth.password'), { exact: true }).fill(password)
  await button('auth.signIn.submit').click()
  await expect(sidebar.getByRole('link')).toHaveCount(3)
  await expect(sidebar.getByText('@', { exact: true })).toBeVisible()
  await visit('no room')

  await toRoom('open-to-all')
  await expect(button('room.join')).toBeVisible()
  await visit('preview')
  await toRoom('harbour-festival')
  await expect(rows(page)).toHaveCount(2)
  await expect(page.getByTitle(said('room.complete'))).toBeVisible()
  await visit('room with unread messages')
  await toRoom('workshop')
  await expect(rows(page)).toHaveCount(2)
  await page.getByRole('main').getByRole('textbox').fill('a message that is begun')
  await visit('room')
  await expect(async () => {
    await page.locator('#composer').fill('')
    await page.locator('#composer').pressSequentially('what do you think, @')
    await expect(page.getByRole('option')).toHaveCount(1, { timeout: 1_000 })
  }).toPass()
  await visit('completion')
  await page.locator('#composer').fill('')

  const mine = rows(page).first()
  await mine.focus()
  await visit('message with the focus')
  await mine.press('Shift+F10')
  await expect(item('message.copyLink')).toBeVisible()
  await visit('message menu')
  await page.keyboard.press('Escape')
  await expect(item('message.copyLink')).toHaveCount(0)
  await mine.focus()
  await mine.press('e')
  await expect(page.getByRole('textbox', { name: said('edit.label') })).toBeFocused()
  await visit('editing')
  await page.keyboard.press('Escape')
  await expect(mine).toBeFocused()
  await mine.press('Delete')
  await expect(dialog()).toBeVisible()
  await visit('question before deleting')
  await button('message.delete', dialog()).click()
  await expect(dialog()).toHaveCount(0)
  await expect(mine).toContainText(said('message.deleted'))
  await visit('deleted message')

  await button('room.menu').click()
  await expect(item('room.copyLink')).toBeVisible()
  await visit('room menu')
  await page.keyboard.press('Escape')
  await expect(item('room.copyLink')).toHaveCount(0)
  await choose('room.menu', 'room.about')
  await visit('about the room')
  await opens(button('settings.archive', dialog()), 'question before archiving')
  await close()
  await close()
  await choose('room.menu', 'people.invite')
  await button('invite.make', dialog()).click()
  await expect(dialog().getByLabel(said('invite.address'))).toBeVisible()
  await visit('invite')
  await close()
  if (await page.getByRole('complementary').isHidden()) {
    await page.locator('main header button[aria-expanded]:not([aria-haspopup])').click()
    await expect(dialog()).toBeVisible()
    await visit('members')
    await close()
  }

  await toRooms()
  await attend(page, false)
  await mira.say(festival.id, 'Anybody?')
  await expect(button('notify.later', sidebar)).toBeVisible()
  await attend(page, true)
  await visit('hint of notifications')
  await button('notify.later', sidebar).click()
  await opens(button('browse.title', sidebar), 'browse')
  await expect(dialog().getByRole('link')).toHaveCount(3)
  await visit('browse, with rooms')
  await close()
  await opens(button('message.title', sidebar), 'new message')
  await expect(dialog().getByRole('option')).toHaveCount(1)
  await close()
  await opens(button('rooms.create', sidebar), 'new room')
  await button('create.submit', dialog()).click()
  await visit('new room with errors')
  await close()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('option')).toHaveCount(3)
  await visit('switcher')
  await close()
  await opens(sidebar.getByRole('button', { name: said('account.open') }), 'account')
  await dialog().getByText(said('status.dnd'), { exact: true }).click()
  await expect(dialog().getByRole('radio', { name: said('status.dnd') })).toBeChecked()
  await visit('account of somebody who is not to be disturbed')
  await opens(button('profile.title', dialog()), 'profile')
  await close()
  await opens(button('account.shortcuts', dialog()), 'keyboard')
  await close()
  await opens(button('security.title', dialog()), 'security')
  await opens(button('security.delete', dialog()), 'question before deleting the account')
  await close()
  await close()
  await opens(button('notify.title', dialog()), 'notifications, not yet')
  await page.context().grantPermissions(['notifications'])
  const checks = dialog().getByRole('checkbox')
  await expect(checks).toHaveCount(4)
  for (const id of ['notify.on', 'notify.quiet'] as const)
    await dialog()
      .getByRole('checkbox', { name: said(id) })
      .check()
  await visit('notifications')
  await close()
  await close()

  await page.goto('/r/999999')
  await expect(page.getByRole('main').getByRole('heading')).toHaveText(said('rooms.missing'))
  await visit('no such room')
  await button('rooms.back').click()
  await toRoom('workshop')
  await expect(rows(page)).toHaveCount(2)
  // Where the page begins anew it shows what was kept before it hears what comes.
  await expect(page.getByTitle(said('room.complete'))).toBeVisible()
  await attend(page, false)
  for (let line = 1; line <= 40; line++) await mira.say(own.id, `line ${line}`)
  await expect(rows(page).last()).toContainText('line 40')
  await attend(page, true)
  await expect(button('timeline.markRead')).toBeVisible()
  await visit('much that is new')
  await button('timeline.markRead').click()
  const network = await cutOff(page)
  await page.getByRole('main').getByRole('textbox').fill('Can anybody hear me?')
  await page.keyboard.press('Enter')
  await expect(page.getByText(said('connection.offline'))).toBeVisible()
  await visit('offline')
  expect((await page.request.post('/api/v1/logout')).ok()).toBe(true)
  await network.restore()
  await expect(page.getByRole('dialog', { name: said('auth.again.title') })).toBeVisible()
  await visit('sign in again')
  for (const person of [mira, ann]) person.leave()
}
