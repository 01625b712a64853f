import type { Page } from '@playwright/test'
import { cutOff } from './network'
import { composer, createRoom, expect, openRoom, rooms, rows, signIn, signUp, test, upToDate } from './parley'

/** The sidebar shows whether something is begun in a room that is not open. */
const pencil = (page: Page, room: string) => expect(rooms(page).getByRole('link', { name: `${room} draft` }))

/** Resolves when the server has taken what is written here. */
const told = (page: Page, text: string) =>
  expect
    .poll(() => page.evaluate(() => Object.values(localStorage).join()))
    .toMatch(new RegExp(`"text":"${text}"[^}]*"unsent":false`))

/** The device notices that it has a network again. */
async function back(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event('online')))
  await expect(upToDate(page)).toBeVisible()
}

test('U-43 U-62 what one device begins to write the other has, and loses when it is sent', async ({
  device,
}) => {
  const desk = await device()
  await signUp(desk, 'ann')
  await createRoom(desk, 'general')
  await createRoom(desk, 'news')
  const phone = await device()
  await phone.goto('/')
  await signIn(phone, 'ann')
  await openRoom(phone, 'general')
  await expect(upToDate(phone)).toBeVisible()

  // Nobody types at the phone, although its composer has the focus.
  await composer(phone).focus()
  await openRoom(desk, 'general')
  await composer(desk).fill('half a thought')
  await expect(composer(phone)).toHaveValue('half a thought')
  // In a room that is not open there, a pencil shows it; and what is open is shown after a reload.
  await openRoom(desk, 'news')
  await composer(desk).fill('something new')
  await pencil(phone, 'news').toBeVisible()
  await pencil(desk, 'general').toBeVisible()
  await phone.reload()
  await expect(composer(phone)).toHaveValue('half a thought')
  await pencil(phone, 'news').toBeVisible()

  // Written on at the phone, and sent from there.
  await composer(phone).fill('half a thought, and the other half')
  await openRoom(desk, 'general')
  await expect(composer(desk)).toHaveValue('half a thought, and the other half')
  await composer(phone).press('Enter')
  await expect(rows(desk)).toHaveText([/and the other half/])
  await expect(composer(desk)).toHaveValue('')
  await expect(composer(phone)).toHaveValue('')
  await openRoom(phone, 'news')
  await pencil(phone, 'general').toHaveCount(0)
  await expect(composer(phone)).toHaveValue('something new')

  // A device that signs in now has what is begun, and nothing of what was sent.
  const third = await device()
  await third.goto('/')
  await signIn(third, 'ann')
  await pencil(third, 'news').toBeVisible()
  await pencil(third, 'general').toHaveCount(0)
})

test('U-43 U-62 what was written without a connection is the later one when it is back', async ({
  device,
}) => {
  const desk = await device()
  await signUp(desk, 'ann')
  await createRoom(desk, 'general')
  const phone = await device()
  await phone.goto('/')
  await signIn(phone, 'ann')
  await openRoom(phone, 'general')
  await composer(desk).fill('at the desk')
  await expect(composer(phone)).toHaveValue('at the desk')

  const network = await cutOff(phone)
  await composer(phone).fill('in the tunnel')
  await composer(desk).fill('at the desk, and on')
  await composer(desk).blur()
  await told(desk, 'at the desk, and on')
  await network.restore()
  await back(phone)
  await expect(composer(desk)).toHaveValue('in the tunnel')
  await expect(composer(phone)).toHaveValue('in the tunnel')
  // What was at the desk is not lost.
  await phone.getByRole('status').getByRole('button', { name: 'Add it' }).click()
  const both = 'in the tunnel\n\nat the desk, and on'
  await expect(composer(phone)).toHaveValue(both)
  await expect(composer(desk)).toHaveValue(both)
  await composer(phone).fill('in the tunnel')
  await composer(phone).blur()
  await expect(composer(desk)).toHaveValue('in the tunnel')

  // What is sent in the tunnel takes nothing away that was begun meanwhile.
  const again = await cutOff(phone)
  await expect(composer(phone)).toHaveValue('in the tunnel')
  await composer(phone).press('Enter')
  await expect(composer(phone)).toHaveValue('')
  await composer(desk).fill('the next thought')
  await told(desk, 'the next thought')
  await again.restore()
  await back(phone)
  await expect(rows(desk)).toHaveText([/in the tunnel/])
  await expect(composer(phone)).toHaveValue('the next thought')
  await expect(composer(desk)).toHaveValue('the next thought')
})
