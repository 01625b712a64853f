import { composer, createRoom, expect, joinRoom, rooms, rows, say, signUp, test, texts } from './parley'

test('U-02 U-10 U-40 two people sign up, make and join a room, and talk', async ({ device }) => {
  const ann = await device()
  await signUp(ann, 'ann')
  await createRoom(ann, 'general')
  await say(ann, 'Hello?')
  await expect(rows(ann)).toHaveCount(1)

  const bo = await device()
  await signUp(bo, 'bo')
  await joinRoom(bo, 'general')
  await expect(rows(bo)).toHaveText([/Hello\?/])
  await say(bo, 'Hi Ann')
  await expect(rows(ann)).toHaveText([/Hello\?/, /Hi Ann/])
  await say(ann, 'There you are')
  for (const page of [ann, bo]) {
    await expect(rows(page)).toHaveCount(3)
    expect(await texts(page)).toEqual(['Hello?', 'Hi Ann', 'There you are'])
  }

  await ann.reload()
  await expect(rows(ann)).toHaveCount(3)
  expect(await texts(ann)).toEqual(['Hello?', 'Hi Ann', 'There you are'])
  await expect(composer(ann)).toBeFocused()
  await expect(rooms(ann).getByRole('link', { name: 'general' })).toHaveAttribute('aria-current', 'page')
})
