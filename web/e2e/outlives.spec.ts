import { Relay } from './network'
import { composer, createRoom, expect, joinRoom, rows, say, sent, signUp, test } from './parley'

test('U-42 a change that was made without a connection outlives the page', async ({ device }) => {
  const ann = await device()
  const relay = await Relay.before(ann)
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  const bo = await device()
  await signUp(bo, 'bo')
  await joinRoom(bo, 'general')
  for (const text of ['helo', 'to be deleted']) await say(ann, text)
  await expect(rows(bo)).toHaveCount(2)
  await sent(rows(ann).last())

  relay.closed = true
  await relay.cut()
  await rows(ann).last().focus()
  await ann.keyboard.press('Delete')
  await ann.getByRole('dialog').getByRole('button', { name: 'Delete message' }).click()
  // The question gives the focus back when it is gone, and would take it from where it is put before that.
  await expect(rows(ann).last()).toHaveAccessibleName(/deleted/)
  await expect(rows(ann).last()).toBeFocused()
  await rows(ann).first().focus()
  await ann.keyboard.press('e')
  const box = ann.getByRole('textbox', { name: 'Edit message' })
  await box.fill('hello')
  await box.press('Enter')
  await expect(rows(ann).first()).toContainText('hello')
  await say(ann, 'and on')
  await ann.reload()
  await expect(composer(ann)).toBeVisible()
  await expect(rows(bo).first()).toHaveAccessibleName(/helo$/)

  relay.closed = false
  for (const page of [ann, bo]) {
    // What was held is in the page at once; the attempt to connect that is under way may hang.
    await expect(rows(page).last()).toHaveAccessibleName(/\d{1,2}:\d\d, and on/)
    await expect(rows(page)).toHaveCount(3)
    await expect(rows(page).first()).toHaveAccessibleName(/hello, edited$/)
    await expect(rows(page).nth(1)).toHaveAccessibleName(/deleted/)
  }
  // The answer may come behind what everybody is told.
  await expect
    .poll(() => ann.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('outbox'))))
    .toEqual([])
})
