import type { Page } from '@playwright/test'
import type { InviteLink, ResetLink, SignedIn } from '../src/protocol/types'
import { address, password } from './bot'
import { expect, rooms, rows, test } from './parley'

/** Fill answers the form of a link page and sends it. */
async function fill(page: Page, email: string | undefined, secret: string, submit: string): Promise<void> {
  if (email) await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(secret)
  await page.getByRole('button', { name: submit }).click()
}

async function post<Answer>(url: string, token: string, body: unknown = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  })
  expect(response.ok, await response.clone().text()).toBe(true)
  return response.json()
}

test('U-01 the printed link makes the first owner, who is told in general what to do first, and whose links let people in and back in', async ({
  parley,
  device,
  expected,
}) => {
  const printed = await parley.setupLink()
  const owner = await device()
  await owner.goto(printed)
  await expect(owner).toHaveTitle('Set up this Parley · Parley')
  await fill(owner, address('olga'), password, 'Become the owner')
  await expect(rooms(owner).getByRole('link', { name: 'general' })).toHaveAttribute('aria-current', 'page')
  await expect(rows(owner)).toHaveText([/Welcome!.*What to do first/])

  // The link is used up, and says so.
  expected.push(/status of 403/)
  const late = await device()
  await late.goto(printed)
  await fill(late, address('late'), password, 'Become the owner')
  await expect(late.getByRole('alert')).not.toBeEmpty()

  const api = `${parley.url}/api/v1`
  const { token, user } = await post<SignedIn>(`${api}/login`, '', { email: address('olga'), password })
  expect(user.role).toBe('owner')

  const { url } = await post<InviteLink>(`${api}/admin/invites`, token)
  const guest = await device({ viewport: { width: 360, height: 640 } })
  await guest.goto(url)
  await fill(guest, address('gus'), password, 'Create account')
  await expect(rooms(guest).getByRole('link', { name: 'general' })).toBeVisible()

  const gus = await post<SignedIn>(`${api}/login`, '', { email: address('gus'), password })
  const reset = await post<ResetLink>(`${api}/admin/users/${gus.user.id}/reset`, token)
  const back = await device()
  // The phone's session ends with the old password, and the phone may notice.
  expected.push(/status of 401/)
  await back.goto(reset.url)
  await expect(back.getByLabel('E-mail address')).toHaveCount(0)
  await fill(back, undefined, 'short', 'Set password')
  await expect(back.getByLabel('Password', { exact: true })).toBeFocused()
  expected.push(/status of 401/) // where the guest was signed in
  await fill(back, undefined, 'another horse battery', 'Set password')
  await expect(rooms(back)).toBeVisible()
  await post<SignedIn>(`${api}/login`, '', { email: address('gus'), password: 'another horse battery' })
})
