import { createRoom, expect, joinRoom, rows, say, signUp, test } from './parley'

/** Painted is a PNG of 40 by 20 pixels, all of one colour, as the browser encodes it. */
async function painted(page: import('@playwright/test').Page, colour: string): Promise<Buffer> {
  const url = await page.evaluate((fill) => {
    const canvas = document.createElement('canvas')
    canvas.width = 40
    canvas.height = 20
    const context = canvas.getContext('2d')
    if (context) {
      context.fillStyle = fill
      context.fillRect(0, 0, 40, 20)
    }
    return canvas.toDataURL('image/png')
  }, colour)
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
}

test('a picture is chosen, seen, shown to others without a reload, and removed', async ({ device }) => {
  const ann = await device()
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  await say(ann, 'Hello')
  const bo = await device()
  await signUp(bo, 'bo')
  await joinRoom(bo, 'general')
  const shown = rows(bo).first().locator('img')
  await expect(rows(bo)).toHaveCount(1)
  await expect(shown).toHaveCount(0)
  await expect(bo.getByText('bo joined')).toBeVisible()
  const before = await rows(bo).first().boundingBox()

  const change = async () => {
    await ann.getByRole('button', { name: /Account/ }).click()
    await ann.getByRole('button', { name: 'Profile' }).click()
    await ann.getByRole('button', { name: 'Change picture' }).click()
  }
  await change()
  const dialog = ann.getByRole('dialog', { name: 'Picture' })
  const file = dialog.locator('input[type=file]')
  await file.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no image at all') })
  await expect(dialog.getByRole('alert').first()).toContainText('no image')
  // So much is made in the page: on the way there it would take longer than everything else.
  await file.evaluate((input: HTMLInputElement) => {
    const chosen = new DataTransfer()
    chosen.items.add(new File([new Uint8Array((20 << 20) + 1)], 'b.png', { type: 'image/png' }))
    input.files = chosen.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })
  await expect(dialog.getByRole('alert').first()).toContainText('20 MB')
  await file.setInputFiles({ name: 'c.png', mimeType: 'image/png', buffer: await painted(ann, 'teal') })
  await expect(dialog.getByRole('img', { name: 'Your picture as others will see it' })).toBeVisible()
  await expect(dialog.getByRole('alert').first()).toBeEmpty()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toHaveCount(0)

  await expect(shown).toBeVisible()
  expect(await rows(bo).first().boundingBox()).toEqual(before)
  for (const open of [2, 1, 0]) {
    await expect(ann.getByRole('dialog')).toHaveCount(open)
    if (open > 0) await ann.keyboard.press('Escape')
  }
  await expect(rows(ann).first().locator('img')).toBeVisible()

  await change()
  await dialog.getByRole('button', { name: 'Remove picture' }).click()
  await expect(shown).toHaveCount(0)
})

test('who has left the room and the server is shown with their picture beside what they wrote', async ({
  device,
}) => {
  const ann = await device()
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  const bo = await device()
  await signUp(bo, 'bo')
  await joinRoom(bo, 'general')
  await say(bo, 'I was here')
  const image = (await painted(bo, 'teal')).toString('base64')
  const left = await bo.evaluate(async (body) => {
    const renewed = await fetch('/api/v1/refresh', { method: 'POST' })
    const { token } = await renewed.json()
    const call = (method: string, path: string, content?: string) =>
      fetch(`/api/v1${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        ...(content && { body: content }),
      })
    const pictured = await call('PUT', '/me/picture', body)
    const gone = await call('POST', `/rooms/${location.pathname.split('/').at(-1)}/leave`)
    return [pictured.status, gone.status]
  }, JSON.stringify({ image }))
  expect(left).toEqual([200, 200])
  await bo.close()
  await ann.reload()
  await expect(rows(ann).filter({ hasText: 'I was here' }).locator('img')).toBeVisible()
})
