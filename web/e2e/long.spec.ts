import { Chorus } from './chorus'
import { mixed } from './mixed'
import { expect, joinRoom, signUp, test, words } from './parley'
import { walk } from './walk'

const number = (text: string) => Number.parseInt(text, 10)

test('U-21 10,000 messages of every height are scrolled back, and no row moves by itself', async ({
  device,
  parley,
}) => {
  test.setTimeout(1_200_000)
  const count = 10_000
  const chorus = await Chorus.gather(parley.url, 60)
  const room = (await chorus.first.createRoom('archive')).id
  await chorus.join(room)
  await chorus.speak(
    room,
    Array.from({ length: count }, (_, i) => mixed(i)),
  )
  chorus.leave()
  const history = await chorus.first.history(room)
  expect(new Set(history.map(number)).size).toBe(count)

  const page = await device()
  await signUp(page, 'ann')
  await joinRoom(page, 'archive')
  await expect(words(page).last()).toHaveText(new RegExp(`^${number(history.at(-1) ?? '')}(?!\\d)`))
  expect((await walk(page)).map(number)).toEqual(history.map(number))
})
