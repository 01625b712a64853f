import {
  choose,
  composer,
  createRoom,
  expect,
  joinRoom,
  rows,
  say,
  sent,
  serverAway,
  signUp,
  test,
  texts,
  together,
} from './parley'

test('U-31 an own message is edited with the keyboard, and everybody sees that it was', async ({
  device,
}) => {
  const [ann, bo] = await together(device, 'general')
  await say(ann, 'helo')
  await expect(rows(bo)).toHaveCount(1)
  await say(bo, 'hi')
  await expect(rows(ann)).toHaveCount(2)

  await composer(ann).press('ArrowUp')
  const box = ann.getByRole('textbox', { name: 'Edit message' })
  await expect(box).toBeFocused()
  await expect(box).toHaveValue('helo')
  await box.press('Escape')
  await expect(box).toHaveCount(0)
  await expect(composer(ann)).toBeFocused()

  await composer(ann).press('ArrowUp')
  await box.fill('not this')
  const cancel = ann.getByRole('button', { name: 'Cancel' })
  await cancel.focus()
  await cancel.press('Enter')
  await expect(box).toHaveCount(0)
  await expect(rows(ann).first()).toHaveAccessibleName(/^ann, \d{1,2}:\d\d, helo$/)

  await composer(ann).press('ArrowUp')
  await box.fill('hello')
  await box.press('Enter')
  await expect(composer(ann)).toBeFocused()
  for (const page of [ann, bo]) {
    await expect(rows(page).first()).toHaveAccessibleName(/^ann, \d{1,2}:\d\d, hello, edited$/)
    await expect.poll(() => texts(page)).toEqual(['hello(edited)', 'hi'])
  }

  // What somebody else wrote is not offered.
  await rows(ann).last().focus()
  await ann.keyboard.press('e')
  await expect(box).toHaveCount(0)
  await ann.keyboard.press('ArrowUp')
  await ann.keyboard.press('e')
  await expect(box).toHaveValue('hello')
  await box.press('Escape')
  await expect(rows(ann).first()).toBeFocused()
  await ann.reload()
  await expect(rows(ann).first()).toHaveAccessibleName(/hello, edited$/)
})

test('U-31 A-04 a message is deleted after a question, and its place says so everywhere', async ({
  device,
}) => {
  const [ann, bo] = await together(device, 'general')
  await say(bo, 'nonsense')
  await say(bo, 'sense')
  await expect(rows(ann)).toHaveCount(2)
  await sent(rows(bo).last())

  await rows(bo).first().focus()
  await bo.keyboard.press('Delete')
  const question = bo.getByRole('dialog', { name: 'Delete this message?' })
  await expect(question).toContainText('nonsense')
  await question.getByRole('button', { name: 'Cancel' }).click()
  await expect(rows(bo).first()).toBeFocused()
  await bo.keyboard.press('Delete')
  await expect(question.getByRole('button', { name: 'Delete message' })).toBeFocused()
  await bo.keyboard.press('Enter')
  for (const page of [ann, bo]) {
    await expect(rows(page).first()).toHaveAccessibleName(/^bo, \d{1,2}:\d\d, message deleted$/)
    await expect(page.getByText('nonsense')).toHaveCount(0)
  }
  await expect(rows(bo).first()).toBeFocused()

  // The room's owner may delete what others wrote, but not change it.
  await rows(ann).last().hover()
  await expect(rows(ann).last().getByRole('button', { name: 'Edit message' })).toHaveCount(0)
  await rows(ann).last().getByRole('button', { name: 'Delete message' }).click()
  await ann.getByRole('dialog').getByRole('button', { name: 'Delete message' }).click()
  await expect(rows(bo).last()).toHaveAccessibleName(/message deleted$/)
})

test('an edit without a connection shows at once and is sent when it can be', async ({
  device,
  parley,
  expected,
}) => {
  expected.push(...serverAway)
  const ann = await device()
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  await say(ann, 'one')
  await expect(rows(ann)).toHaveAccessibleName(/\d{1,2}:\d\d, one$/)
  const seen = await device()
  await signUp(seen, 'cleo')
  await joinRoom(seen, 'general')
  await parley.stop()
  await composer(ann).press('ArrowUp')
  await ann.getByRole('textbox', { name: 'Edit message' }).fill('two')
  await ann.keyboard.press('Enter')
  await expect(rows(ann)).toHaveAccessibleName(/two, edited$/)
  await expect(rows(seen)).toHaveAccessibleName(/one$/)
  await parley.start()
  await expect(rows(seen)).toHaveAccessibleName(/two, edited$/)
})

test('U-55 the text and the address of a message are copied', async ({ device }) => {
  const ann = await device({ permissions: ['clipboard-read', 'clipboard-write'] })
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  await say(ann, 'worth keeping')
  await expect(rows(ann)).toHaveAccessibleName(/\d{1,2}:\d\d, worth keeping$/)
  const copied = () => ann.evaluate(() => navigator.clipboard.readText())
  await rows(ann).hover()
  await choose(ann, 'More actions', 'Copy text')
  await expect(ann.getByRole('status').filter({ hasText: 'Text copied' })).toBeVisible()
  expect(await copied()).toBe('worth keeping')
  await rows(ann).focus()
  await ann.keyboard.press('c')
  await expect(ann.getByRole('status').filter({ hasText: 'Link copied' })).toBeVisible()
  expect(await copied()).toMatch(new RegExp(`${new URL(ann.url()).origin}/r/\\d+/m/\\d+$`))
})

test('U-81 a finger that rests on a message opens what can be done with it', async ({ device }) => {
  const page = await device({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })
  await signUp(page, 'ann')
  await createRoom(page, 'general')
  await say(page, 'helo')
  await expect(rows(page)).toHaveAccessibleName(/\d{1,2}:\d\d, helo$/)
  await rows(page).evaluate((row) => {
    const { x, y } = row.getBoundingClientRect()
    const at = { pointerType: 'touch', bubbles: true, clientX: x + 90, clientY: y + 20 }
    row.dispatchEvent(new PointerEvent('pointerdown', at))
  })
  const sheet = page.getByRole('dialog', { name: 'Message actions' })
  await sheet.getByRole('button', { name: 'Edit message' }).tap()
  const box = page.getByRole('textbox', { name: 'Edit message' })
  await expect(box).toBeFocused()
  await box.fill('hello')
  await page.getByRole('button', { name: 'Save' }).tap()
  await expect(rows(page)).toHaveAccessibleName(/hello, edited$/)
})
