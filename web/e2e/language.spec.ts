import type { Page } from '@playwright/test'
import { ar } from '../src/text/ar'
import { de } from '../src/text/de'
import { en as atOnce } from '../src/text/en'
import { enLater } from '../src/text/enLater'
import { ja } from '../src/text/ja'
import { address, Bot, password } from './bot'
import { expect, rows, test, words } from './parley'

const en = { ...atOnce, ...enLater }
const marked = (page: Page) => page.evaluate(() => 'marked' in window)

/** Opens the page in the browser's language and signs in, with the texts of that language. */
async function signIn(page: Page, name: string, texts: Record<keyof typeof de, unknown>): Promise<void> {
  const said = (id: keyof typeof de) => String(texts[id])
  await page.goto('/')
  await page.getByLabel(said('auth.email')).fill(address(name))
  await page.getByLabel(said('auth.password'), { exact: true }).fill(password)
  await page.getByRole('button', { name: said('auth.signIn.submit'), exact: true }).click()
  await expect(page.getByRole('navigation', { name: said('rooms.title') })).toBeVisible()
}

test('U-83 the language is the browser’s until another is chosen, which takes no reload and stays', async ({
  device,
  parley,
}) => {
  const ann = await Bot.register(parley.url, 'ann')
  const room = await ann.createRoom('general')
  await ann.say(room.id, 'مرحبا، this is mixed')
  const page = await device({ locale: 'de-AT' })
  await signIn(page, 'ann', de)
  const html = page.locator('html')
  await expect(html).toHaveAttribute('lang', 'de')
  await expect(html).toHaveAttribute('dir', 'ltr')

  await page.getByRole('link', { name: 'general' }).click()
  await expect(rows(page)).toHaveCount(1)
  await expect(words(page)).toHaveAttribute('dir', 'auto')
  const composer = page.getByRole('textbox')
  await composer.fill('half a thought')
  await page.evaluate(() => Object.assign(window, { marked: true }))
  await page.getByRole('button', { name: new RegExp(de['account.open']) }).click()
  await page.getByRole('combobox', { name: de['account.language'] }).selectOption('العربية')
  await expect(html).toHaveAttribute('lang', 'ar')
  await expect(html).toHaveAttribute('dir', 'rtl')
  // The dialog that was open is still open, in the new language, and so is everything behind it.
  await expect(page.getByRole('dialog', { name: ar['account.title'] })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(composer).toHaveAccessibleName(ar['composer.label'].replace('{room}', '\u2068general\u2069'))
  await expect(composer).toHaveValue('half a thought')
  await expect(page.getByText(ar['timeline.today'], { exact: true })).toBeVisible()
  await expect(rows(page)).toHaveAccessibleName(/^\u2068?ann\u2069?، /)
  expect(await marked(page)).toBe(true)
  // What has no direction of its own stands where lines begin.
  await ann.say(room.id, '👍')
  await expect(words(page)).toHaveCount(2)
  const fromStart = await words(page)
    .last()
    .evaluate((element) => {
      const range = document.createRange()
      range.selectNodeContents(element)
      return element.getBoundingClientRect().right - range.getBoundingClientRect().right
    })
  expect(Math.abs(fromStart)).toBeLessThan(2)
  // The rooms stand at the other side.
  const sidebar = await page.getByRole('navigation').boundingBox()
  expect((sidebar?.x ?? 0) + (sidebar?.width ?? 0)).toBe(1280)

  await page.reload()
  await expect(html).toHaveAttribute('dir', 'rtl')
  await page.getByRole('button', { name: new RegExp(ar['account.open']) }).click()
  await page.getByRole('combobox', { name: ar['account.language'] }).selectOption({ value: 'system' })
  await expect(page.getByRole('dialog', { name: de['account.title'] })).toBeVisible()
  await expect(html).toHaveAttribute('lang', 'de')
})

test('U-83 who is not signed in can choose a language on every page there is then, by its own name', async ({
  device,
}) => {
  const page = await device({ locale: 'en-GB' })
  const html = page.locator('html')
  const choice = page.getByRole('combobox')
  await page.goto('/')
  await page.evaluate(() => Object.assign(window, { marked: true }))
  await page.getByLabel(en['auth.email']).fill(address('ann'))
  await expect(choice).toHaveAccessibleName(en['account.language'])
  await expect(choice.getByRole('option')).toHaveText(['English', 'Deutsch', 'العربية', '日本語'])
  await choice.selectOption('العربية')
  await expect(html).toHaveAttribute('dir', 'rtl')
  await expect(page.getByRole('button', { name: ar['auth.signIn.submit'], exact: true })).toBeVisible()
  await expect(page.getByLabel(ar['auth.email'])).toHaveValue(address('ann'))
  expect(await marked(page)).toBe(true)

  // What was wrong is not left standing in the other language.
  await page.getByRole('button', { name: ar['auth.signIn.switchAction'] }).click()
  await page.getByRole('button', { name: ar['auth.signUp.submit'] }).click()
  await expect(page.getByLabel(ar['auth.email'])).toHaveAccessibleDescription(ar['auth.error.email'])
  await choice.selectOption('Deutsch')
  await expect(html).toHaveAttribute('dir', 'ltr')
  await expect(page.getByLabel(de['auth.email'])).toHaveAccessibleDescription('')

  for (const [address, title] of [
    ['/setup#token=nothing', 'auth.setUp.title'],
    ['/reset#token=nothing', 'auth.reset.title'],
    ['/join#invite=nothing', 'auth.signUp.title'],
  ] as const) {
    await page.goto('about:blank')
    await page.goto(address)
    await expect(page.getByRole('heading')).toHaveText(de[title])
    await expect(choice).toHaveValue('de')
    await choice.selectOption('日本語')
    await expect(page.getByRole('heading')).toHaveText(ja[title])
    await choice.selectOption('Deutsch')
    await expect(page.getByRole('heading')).toHaveText(de[title])
  }
})

test('U-83 what the server refuses is explained in the language of the page', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(/status of 40[0139]/)
  await Bot.register(parley.url, 'ann')
  const page = await device({ locale: 'ja-JP' })
  await page.goto('/')
  await page.getByLabel(ja['auth.email']).fill(address('ann'))
  await page.getByLabel(ja['auth.password'], { exact: true }).fill('not the password')
  await page.getByRole('button', { name: ja['auth.signIn.submit'], exact: true }).click()
  await expect(page.getByLabel(ja['auth.password'], { exact: true })).toHaveAccessibleDescription(
    ja['auth.error.wrong'],
  )
  // Only the server knows that this link is none.
  await page.goto('/reset#token=nothing')
  await page.getByLabel(ja['auth.password'], { exact: true }).fill(password)
  await page.getByRole('button', { name: ja['auth.reset.submit'] }).click()
  await expect(page.getByRole('alert')).toHaveText(/[ぁ-ん]/)
  await expect(page.getByRole('alert')).not.toHaveText(/[a-z]{4}/)
})

test('U-83 a language whose texts cannot be fetched leaves the page as it is', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(/ERR_FAILED/, /dynamically imported/)
  await Bot.register(parley.url, 'ann')
  const page = await device({ locale: 'de-DE' })
  await page.route('**/assets/*/ja.js', (route) => route.abort())
  await signIn(page, 'ann', de)
  await page.getByRole('button', { name: new RegExp(de['account.open']) }).click()
  const choice = page.getByRole('combobox', { name: de['account.language'] })
  await choice.selectOption('日本語')
  await expect(page.getByRole('alert').filter({ hasText: de['error.offline'] })).toBeAttached()
  await expect(choice).toHaveValue('system')
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
})
