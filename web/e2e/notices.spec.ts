import { Bot } from './bot'
import { createRoom, expect, roomIn, rows, say, signUp, test } from './parley'

test('U-30 who comes and goes is told in one line, and whoever came and went again in none', async ({
  device,
  parley,
}) => {
  const page = await device()
  await signUp(page, 'olga')
  await createRoom(page, 'general')
  const room = await roomIn(page)
  const notices = page.locator('[data-row^="notice."]')
  await expect(notices).toHaveText(['olga created the room'])
  await say(page, 'Welcome')
  await expect(rows(page)).toHaveCount(1)

  // One line that grows, whoever watches.
  const bots: Bot[] = []
  const line = notices.nth(1)
  const join = async (name: string) => {
    const bot = await Bot.register(parley.url, name)
    await bot.enter(room)
    bots.push(bot)
  }
  await join('ann')
  await expect(line).toHaveText('ann joined')
  await join('bo')
  await expect(line).toHaveText('ann and bo joined')
  for (const name of ['cem', 'dana', 'eve', 'finn', 'gus']) await join(name)
  await expect(line).toHaveText('ann, bo and 5 others joined')
  await bots[6]?.quit(room)
  await expect(line).toHaveText('ann, bo and 4 others joined')
  await expect(notices).toHaveCount(2)

  // What is said stands between, also after a reload.
  await bots[0]?.say(room, 'Hello all')
  await expect(rows(page)).toHaveCount(2)
  for (const bot of bots.slice(1, 4)) await bot.quit(room)
  const told = ['olga created the room', 'ann, bo and 4 others joined', 'bo, cem and 1 other left']
  await expect(notices).toHaveText(told)
  await page.reload()
  await expect(notices).toHaveText(told)
  await expect(rows(page)).toHaveCount(2)
  for (const bot of bots) bot.leave()
})
