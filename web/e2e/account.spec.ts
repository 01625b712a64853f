import { address, password } from './bot'
import { cutOff } from './network'
import {
  composer,
  createRoom,
  expect,
  rooms,
  rows,
  say,
  settled,
  signIn,
  signUp,
  test,
  title,
} from './parley'

const refused = /status of 40[19]/

test('U-02 the form says what is wrong beside the field, moves nothing, and focuses the first error', async ({
  device,
}) => {
  const page = await device()
  await page.goto('/')
  const email = page.getByLabel('E-mail address')
  const secret = page.getByLabel('Password', { exact: true })
  await expect(page).toHaveTitle('Sign in · Parley')
  await expect(email).toBeFocused()
  await expect(email).toHaveAttribute('autocomplete', 'username')
  await expect(secret).toHaveAttribute('autocomplete', 'current-password')

  await page.getByRole('button', { name: 'Create an account' }).click()
  await expect(secret).toHaveAttribute('autocomplete', 'new-password')
  const submit = page.getByRole('button', { name: 'Create account' })
  await settled(page)
  const before = await submit.boundingBox()
  await submit.click()
  await expect(email).toBeFocused()
  await expect(email).toHaveAccessibleDescription(/address like/)
  await expect(email).toHaveAttribute('aria-invalid', 'true')
  await expect(secret).toHaveAccessibleDescription('Use at least 8 characters.')
  expect(await submit.boundingBox()).toEqual(before)

  await email.fill(address('ann'))
  await secret.fill('short')
  await submit.click()
  await expect(secret).toBeFocused()
  await expect(email).not.toHaveAttribute('aria-invalid')

  await secret.fill(password)
  await page.getByRole('button', { name: 'Show password' }).click()
  await expect(secret).toHaveAttribute('type', 'text')
})

test('U-02 a wrong password and an unknown address get the same words; a taken address its own', async ({
  device,
  expected,
}) => {
  expected.push(refused)
  const ann = await device()
  await signUp(ann, 'ann')

  const page = await device()
  await page.goto('/')
  const secret = page.getByLabel('Password', { exact: true })
  for (const name of ['ann', 'nobody']) {
    await page.getByLabel('E-mail address').fill(address(name))
    await secret.fill('not the password')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(secret).toHaveAccessibleDescription('Address and password do not match.')
    await expect(secret).toBeFocused()
  }

  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByLabel('E-mail address').fill(address('ann'))
  await secret.fill(password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByLabel('E-mail address')).toHaveAccessibleDescription(
    'This address has an account already.',
  )
  await expect(page.getByLabel('E-mail address')).toBeFocused()
})

test('signing out ends it in every tab, and a deep link survives signing in', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  const address = await page.evaluate(() => location.href)
  const tab = await page.context().newPage()
  await tab.goto('/')
  await expect(title(tab)).toHaveText(/general/)

  await page.getByRole('button', { name: /Account and settings/ }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  for (const each of [page, tab]) await expect(each.getByRole('heading', { name: 'Sign in' })).toBeVisible()

  await page.goto(address)
  await signIn(page, 'ann')
  await expect(title(page)).toHaveText(/general/)
  await expect(page).toHaveURL(address)
})

test('U-03 a session that ends in the middle of work is renewed in place, and what was written is sent', async ({
  device,
  expected,
}) => {
  expected.push(refused)
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')

  const network = await cutOff(page)
  await say(page, 'written too late')
  await expect(page.getByRole('status').filter({ hasText: /Connecting|Offline/ })).toBeVisible()
  expect((await page.request.post('/api/v1/logout')).ok()).toBe(true)
  await network.restore()

  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await expect(dialog).toBeVisible()
  await expect(dialog.getByLabel('E-mail address')).toHaveValue(address('ann'))
  await expect(dialog.getByLabel('Password', { exact: true })).toBeFocused()
  await dialog.getByLabel('Password', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(dialog).toBeHidden()
  await expect(rows(page)).toHaveAccessibleName(/^ann, \d{1,2}:\d\d, written too late$/)
  await expect(composer(page)).toBeVisible()
  await expect(rooms(page)).toBeVisible()
})

test('a person changes their name, handle and password, and signs another device out', async ({
  device,
  expected,
}) => {
  expected.push(/status of 40[139]/)
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  const phone = await device()
  await phone.goto('/')
  await signIn(phone, 'ann')
  await expect(rooms(phone)).toBeVisible()

  await page.getByRole('button', { name: /Account and settings/ }).click()
  await page.getByRole('button', { name: 'Profile' }).click()
  const profile = page.getByRole('dialog', { name: 'Profile' })
  await profile.getByLabel('Name').fill('Ann Marsh')
  await profile.getByLabel('Handle').fill('a')
  await profile.getByRole('button', { name: 'Save' }).click()
  await expect(profile.getByLabel('Handle')).toHaveAttribute('aria-invalid', 'true')
  await profile.getByLabel('Handle').fill('ann.marsh')
  await profile.getByRole('button', { name: 'Save' }).click()
  await expect(profile).toHaveCount(0)
  await expect(rooms(page).getByRole('button', { name: /Ann Marsh/, includeHidden: true })).toContainText(
    '@ann.marsh',
  )

  await page.getByRole('button', { name: 'Security' }).click()
  const security = page.getByRole('dialog', { name: 'Security' })
  await expect(security.getByRole('listitem')).toHaveCount(2)
  await security.getByRole('button', { name: 'Sign out there' }).click()
  await expect(security.getByRole('listitem')).toHaveCount(1)
  await expect(phone.getByRole('dialog', { name: 'Sign in again' })).toBeVisible()

  await security.getByLabel('Present password').fill('not this one')
  await security.getByLabel('New password').fill('another horse battery')
  await security.getByRole('button', { name: 'Change password' }).click()
  await expect(security.getByLabel('Present password')).toHaveAccessibleDescription(
    'This is not your password.',
  )
  await security.getByLabel('Present password').fill(password)
  await security.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Password changed' })).toBeVisible()
})

test('U-82 the density is kept, and there before the first paint', async ({ device }) => {
  const page = await device()
  await signUp(page, 'ann')
  await page.getByRole('button', { name: /Account and settings/ }).click()
  await page.getByText('Compact', { exact: true }).click()
  await page.reload()
  await expect(rooms(page)).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.dataset.density)).toBe('compact')
})
