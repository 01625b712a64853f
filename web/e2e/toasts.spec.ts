import { attend } from './attention'
import { choose, createRoom, expect, signUp, test } from './parley'

test('A-07 what went wrong stays for six seconds, and longer while one looks at it, is in it, or is elsewhere', async ({
  device,
  expected,
}) => {
  expected.push(/Failed to load resource/)
  const page = await device()
  await page.clock.install()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await page.route('**/settings', (route) => route.abort())
  // What shows them is fetched when the page has time.
  await expect(page.getByRole('alert')).toBeAttached()
  // From here on the page's time goes on only as it is told; what else it waits for is long done.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 30_000))
  const toast = page.getByRole('alert').getByText('The server does not answer')
  const close = page.getByRole('alert').getByRole('button', { name: 'Close' })
  const goes = async () => {
    await page.clock.runFor(5_900)
    await expect(toast).toBeVisible()
    await page.clock.runFor(200)
    await expect(toast).toHaveCount(0)
  }
  await choose(page, 'More about this room', 'Star')
  await expect(toast).toBeVisible()
  await goes()

  await choose(page, 'More about this room', 'Star')
  await toast.hover()
  await page.clock.runFor(7_000)
  await expect(toast).toBeVisible()
  await close.focus()
  await page.mouse.move(1, 1)
  await page.clock.runFor(7_000)
  await expect(toast).toBeVisible()
  await attend(page, false)
  await close.blur()
  await page.clock.runFor(7_000)
  await expect(toast).toBeVisible()
  await attend(page, true)
  await goes()
})

test('A-07 over a dialog, too, a word of what went wrong is read out and can be closed', async ({
  device,
  expected,
}) => {
  expected.push(/Failed to load resource/)
  const page = await device()
  await signUp(page, 'ann')
  await page.route('**/me/status', (route) => route.abort())
  await page.getByRole('button', { name: 'Account and settings' }).click()
  const dialog = page.getByRole('dialog', { name: 'Account' })
  // Chosen and taken back as soon as it fails, which may be at once.
  const away = dialog.getByRole('radio', { name: 'Away' })
  const alert = dialog.getByRole('alert').filter({ hasText: 'The server does not answer' })
  await away.click({ force: true })
  await expect(alert).toBeVisible()
  await alert.getByRole('button', { name: 'Close' }).click()
  await expect(alert).toHaveCount(0)
  await expect(dialog).toBeVisible()
  // What is said stays when the dialog goes.
  await away.click({ force: true })
  await expect(alert).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('alert').filter({ hasText: 'The server does not answer' })).toBeVisible()
})
