import type { Page } from '@playwright/test'
import { composer, createRoom, expect, rows, say, sent, signUp, test } from './parley'

const bar = (page: Page) => page.getByRole('toolbar', { name: 'Formatting' })
const tool = (page: Page, name: string) => bar(page).getByRole('button', { name, exact: true })
const opener = (page: Page) => page.getByRole('button', { name: 'Formatting' })

/** Paste puts something into the clipboard of the field, as another program or page would have left it, and pastes it there. */
async function paste(page: Page, data: { html?: string; text: string }): Promise<void> {
  await composer(page).evaluate((field, { html, text }) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', text)
    if (html) clipboardData.setData('text/html', html)
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    if (field.dispatchEvent(event)) document.execCommand('insertText', false, text)
  }, data)
}

test('U-46 a bar of marks, with a preview, by mouse, by keyboard and on a phone', async ({ device }) => {
  test.slow()
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  const field = composer(page)
  await opener(page).click()
  await expect(field).toBeFocused()
  await field.fill('see you on Friday')
  await field.press('Control+Shift+ArrowLeft')
  await tool(page, 'Bold').click()
  await expect(field).toHaveValue('see you on **Friday**')
  await expect(tool(page, 'Bold')).toHaveAttribute('aria-pressed', 'true')
  await expect(tool(page, 'Italic')).toHaveAttribute('aria-pressed', 'false')
  await expect(field).toBeFocused()
  await tool(page, 'Quote').click()
  await expect(field).toHaveValue('> see you on **Friday**')
  await expect(tool(page, 'Quote')).toHaveAttribute('aria-pressed', 'true')
  await expect(tool(page, 'Quote')).toHaveAttribute('title', 'Quote (Ctrl Shift 9)')

  // By keyboard alone: one stop of Tab, arrows inside, Esc and every mark go back to the writing.
  await field.press('Tab')
  await expect(opener(page)).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(tool(page, 'Bold')).toBeFocused()
  await page.keyboard.press('Home')
  await expect(tool(page, 'Bold')).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  const eye = tool(page, 'Preview')
  await expect(eye).toBeFocused()
  await expect(bar(page).locator('[tabindex="0"]')).toHaveCount(1)
  await page.keyboard.press('Enter')
  const preview = page.getByRole('region', { name: 'Preview' })
  await expect(preview.locator('blockquote')).toHaveText('see you on Friday')
  await expect(preview.locator('strong')).toHaveText('Friday')
  await page.keyboard.press('Escape')
  await expect(field).toBeFocused()

  // Each mark can be undone by itself, and the keys do the same.
  await field.press('Control+z')
  await expect(field).toHaveValue('see you on **Friday**')
  await field.press('Control+z')
  await expect(field).toHaveValue('see you on Friday')
  await field.press('Control+Shift+Digit8')
  await expect(field).toHaveValue('- see you on Friday')
  await field.press('Control+Shift+Digit8')
  await field.press('Control+Shift+Digit7')
  await expect(field).toHaveValue('```\nsee you on Friday\n```')
  await expect(preview.locator('pre')).toHaveText('see you on Friday')
  await tool(page, 'Code block').click()
  await expect(field).toHaveValue('see you on Friday')

  // What was in sight is remembered.
  await page.reload()
  await expect(bar(page)).toBeVisible()
  await opener(page).click()
  await expect(bar(page)).toHaveCount(0)

  // On a phone everything is behind one button, and nothing goes sideways.
  await page.setViewportSize({ width: 360, height: 640 })
  await expect(bar(page)).toHaveCount(0)
  await opener(page).click()
  await expect(bar(page)).toBeVisible()
  await eye.click()
  await expect(preview).toBeVisible()
  const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
  expect(await page.evaluate(sideways)).toBe(0)
  for (const button of await bar(page).getByRole('button').all())
    await expect(button).toBeInViewport({ ratio: 1 })
  await page.screenshot({ path: 'test-results/formatbar-phone.png' })
})

test('U-46 what is pasted becomes marks, runs nothing, and can be undone', async ({ device }) => {
  test.slow()
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  const field = composer(page)
  // What makes marks of it is fetched when the page has time, with the bar.
  await expect(opener(page)).toBeVisible()
  await field.fill('See: ')
  await paste(page, {
    text: 'Tides\nHigh at six, says Bo\nrope\nladder',
    html: '<meta charset="utf-8"><!--StartFragment--><h2>Tides</h2><p>High at <b>six</b>, says <a href="https://example.org/bo">Bo</a></p><ul><li>rope</li><li><i>ladder</i></li></ul><!--EndFragment-->',
  })
  const want = 'See: **Tides**\n\nHigh at **six**, says Bo (https://example.org/bo)\n- rope\n- _ladder_'
  await expect(field).toHaveValue(want)
  await field.press('Control+z')
  await expect(field).toHaveValue('See: ')
  await field.press('Control+Shift+z')
  await expect(field).toHaveValue(want)
  await field.press('Enter')
  await expect(rows(page).last().locator('strong')).toHaveText(['Tides', 'six'])
  await expect(rows(page).last().getByRole('link')).toHaveAttribute('href', 'https://example.org/bo')

  // Nothing of what is hostile runs or is fetched, or is even seen by the browser, which would complain.
  await paste(page, {
    text: 'plain',
    html: `<b style="color:red" onclick="throw 1">bold</b><script>throw new Error('ran')</script>
      <img src="https://evil.example/x.png" onerror="throw new Error('ran')" alt="">
      <svg onload="throw new Error('ran')"><animate onbegin="throw 1" attributeName="x"/></svg>
      <iframe src="https://evil.example/"></iframe><link rel="stylesheet" href="https://evil.example/x.css">
      <style>@import "https://evil.example/y.css";</style><base href="https://evil.example/">
      <a href="javascript:throw 1">one</a> <a href="//evil.example/z">two</a>
      <math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=throw&gt;">`,
  })
  await expect(field).toHaveValue('**bold** one two')
  await field.fill('')

  // An address over words stands behind them; with Ctrl+Shift+V, and into code, everything is plain.
  await field.fill('the plan')
  await field.press('Control+a')
  await paste(page, { text: 'https://example.org/plan' })
  await expect(field).toHaveValue('the plan (https://example.org/plan)')
  await field.press('Control+z')
  await expect(field).toHaveValue('the plan')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate(() => {
    const piece = (type: string, text: string) => ({ [type]: new Blob([text], { type }) })
    const item = new ClipboardItem({ ...piece('text/plain', 'bold'), ...piece('text/html', '<b>bold</b>') })
    return navigator.clipboard.write([item])
  })
  await field.press('Control+a')
  await field.press('Control+Shift+V')
  await expect(field).toHaveValue('bold')
  await field.press('Control+a')
  await field.press('Control+v')
  await expect(field).toHaveValue('**bold**')
  await field.fill('```\n')
  await paste(page, { text: 'x = 1', html: '<b>x = 1</b>' })
  await expect(field).toHaveValue('```\nx = 1')
})

test('U-46 a message that is edited has the same bar, beside that of the composer', async ({ device }) => {
  test.slow()
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await say(page, 'see you on Friday')
  await sent(rows(page))
  await composer(page).press('ArrowUp')
  const edited = rows(page).first()
  const field = edited.getByRole('textbox', { name: 'Edit message' })
  await expect(field).toBeFocused()
  await expect(opener(page)).toHaveCount(2)
  await edited.getByRole('button', { name: 'Formatting' }).click()
  await expect(bar(page)).toHaveCount(1)
  await expect(field).toBeFocused()
  await field.press('Control+Shift+ArrowLeft')
  await tool(page, 'Bold').click()
  await expect(field).toHaveValue('see you on **Friday**')
  await expect(composer(page)).toHaveValue('')
  await field.press('Control+Shift+Digit9')
  await expect(field).toHaveValue('> see you on **Friday**')
  await tool(page, 'Preview').click()
  await expect(edited.getByRole('region', { name: 'Preview' }).locator('blockquote strong')).toHaveText(
    'Friday',
  )
  await page.screenshot({ path: 'test-results/shots/edit-bar.png' })

  // Esc leaves the bar first, and the message as it was only then.
  await tool(page, 'Bold').focus()
  await page.keyboard.press('Escape')
  await expect(field).toBeFocused()
  await field.press('Enter')
  await expect(field).toHaveCount(0)
  await expect(edited.locator('[data-words] blockquote strong')).toHaveText('Friday')

  await page.setViewportSize({ width: 360, height: 640 })
  await composer(page).press('ArrowUp')
  await edited.getByRole('button', { name: 'Formatting' }).click()
  await expect(tool(page, 'Preview')).toBeVisible()
  const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
  expect(await page.evaluate(sideways)).toBe(0)
  for (const button of await bar(page).getByRole('button').all())
    await expect(button).toBeInViewport({ ratio: 1 })
  await page.screenshot({ path: 'test-results/shots/edit-bar-phone.png' })
})
