import { Bot } from './bot'
import {
  composer,
  createRoom,
  expect,
  roomIn,
  rows,
  say,
  signUp,
  test,
  title,
  together,
  words,
} from './parley'

test('U-46 marks are shown as what they mean, and read without them', async ({ device }) => {
  const [ann, bo] = await together(device, 'general')
  await say(ann, '**Moved** to *Friday*, ~~Thursday~~, see `plan.md`')
  await say(ann, '> and the ladder?\nIs here. <b>No markup</b>')
  await composer(ann).fill('```\nif (tide < 2) {\n  wait()\n}\n```')
  await composer(ann).press('Enter')
  await composer(ann).fill('Bring:\n- rope\n  - **thick** one\n1. Pack\n2. Go\n24. December')
  await composer(ann).press('Enter')
  await expect(rows(bo)).toHaveCount(4)

  const first = rows(bo).nth(0)
  await expect(first.locator('strong')).toHaveText('Moved')
  await expect(first.locator('em')).toHaveText('Friday')
  await expect(first.locator('del')).toHaveText('Thursday')
  await expect(first.locator('code')).toHaveText('plan.md')
  await expect(first).toHaveAccessibleName(/Moved to Friday, Thursday, see plan\.md$/)
  const second = rows(bo).nth(1)
  await expect(second.locator('blockquote')).toHaveText('and the ladder?')
  await expect(second).toContainText('Is here. <b>No markup</b>')
  await expect(rows(bo).nth(2).locator('pre')).toHaveText('if (tide < 2) {\n  wait()\n}')
  const lists = rows(bo).nth(3).getByRole('list')
  await expect(lists).toHaveCount(2)
  await expect(lists.nth(0).getByRole('listitem')).toHaveText(['rope', 'thick one'])
  await expect(lists.nth(1).getByRole('listitem')).toHaveText(['Pack', 'Go'])
  await expect(lists.nth(1).locator('li').last()).toHaveAttribute('value', '2')
  await expect(rows(bo).nth(3)).toHaveAccessibleName(
    /Bring: - rope - thick one 1\. Pack 2\. Go 24\. December$/,
  )
})

test('U-46 keys put marks around what is selected, and can be undone', async ({ device }) => {
  const ann = await device()
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  const field = composer(ann)
  await field.fill('see you on Friday')
  await field.press('Control+Shift+ArrowLeft')
  await field.press('Control+b')
  await expect(field).toHaveValue('see you on **Friday**')
  await field.press('Control+i')
  await expect(field).toHaveValue('see you on ***Friday***')
  await field.press('Control+b')
  await expect(field).toHaveValue('see you on *Friday*')
  await field.press('Control+z')
  await expect(field).toHaveValue('see you on ***Friday***')

  // Inside code that is begun Enter is a new line of it.
  await field.fill('')
  await field.pressSequentially('```')
  await field.press('Enter')
  await field.pressSequentially('x = 1')
  await field.press('Enter')
  await field.pressSequentially('```')
  await expect(field).toHaveValue('```\nx = 1\n```')
  await field.press('Enter')
  await expect(rows(ann).locator('pre')).toHaveText('x = 1')
})

test('U-56 people and rooms that are named stand out, one’s own name most, and a room is led to', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'ann')
  await createRoom(page, 'sound and light')
  await createRoom(page, 'harbour')
  const harbour = await roomIn(page)
  const bo = await Bot.register(parley.url, 'bo')
  await bo.join(harbour)
  await bo.say(
    harbour,
    '@ann and @bo, not ann@bo or @nobody: see #Sound and Light, `@ann #harbour` <b>#none</b>',
  )
  const said = words(page).last()
  await expect(said).toContainText('@nobody: see #Sound and Light, @ann #harbour <b>#none</b>')
  await expect(said.locator('bdi')).toHaveText(['@ann', '@bo'])
  const colours = await said
    .locator('bdi')
    .evaluateAll((names) => names.map((name) => getComputedStyle(name).backgroundColor))
  expect(new Set(colours).size).toBe(2)
  await said.getByRole('link').click()
  await expect(title(page)).toHaveText(/sound and light/)
  bo.leave()
})
