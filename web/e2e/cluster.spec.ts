import { composer, expect, rows, say, serverAway, test as single, texts, together, upToDate } from './parley'
import { Parley } from './server'

const test = single.extend({
  // biome-ignore lint/correctness/noEmptyPattern: the tool reads the names from the pattern.
  parley: async ({}, use) => {
    const parley = Parley.at(process.env.PARLEY_CLUSTER ?? '')
    await use(parley)
    await parley.remove()
  },
})

/** What a balancer, or a server without its database, answers for the time being. */
const forNow = [...serverAway, /status of 50[0-9]/, /status of 429/, /ERR_/]

const patience = { timeout: 90_000 }

/** Harm has something done to a server, or to what the servers need, and waits until it is done. */
async function harm(what: string): Promise<void> {
  const answer = await fetch(`${process.env.PARLEY_HARM}/${what}`, { method: 'POST' })
  expect(answer.ok, what).toBe(true)
}

test('U-61 U-41 behind a cluster the page carries on when its server is killed, once and in order', async ({
  device,
  expected,
}) => {
  test.setTimeout(400_000)
  expected.push(...forNow)
  const [ann, ben] = await together(device, 'harbour', ['ann', 'ben'])

  const said: string[] = []
  const talk = async (text: string) => {
    said.push(text)
    await say(ann, text)
  }
  // One of the two is the one that the page is connected to.
  for (const server of [0, 1]) {
    await talk(`before ${server}`)
    await harm(`kill/${server}`)
    await talk(`while it is dead ${server}`)
    await expect.poll(() => texts(ben), patience).toEqual(said)
    await harm(`start/${server}`)
    await talk(`behind ${server}`)
    await expect.poll(() => texts(ben), patience).toEqual(said)
  }
  for (const page of [ann, ben]) {
    await expect.poll(() => texts(page), patience).toEqual(said)
    await expect(upToDate(page)).toBeVisible(patience)
    await page.reload()
    await expect.poll(() => texts(page), patience).toEqual(said)
  }
})

test('U-60 U-41 while the database and then the log is away nothing is lost, and nothing is shown as said that is not', async ({
  device,
  expected,
}) => {
  test.setTimeout(400_000)
  expected.push(...forNow)
  const [ann, ben] = await together(device, 'pier', ['cleo', 'dan'])
  await say(ann, 'all is well')
  await expect(rows(ben)).toHaveText([/all is well/])

  // The log goes on without the database, and so does a conversation.
  await harm('gone/store')
  await say(ann, 'without the database')
  await expect(rows(ben).last()).toContainText('without the database', patience)
  await harm('back/store')

  await harm('gone/log')
  await say(ann, 'without the log')
  const row = rows(ann).last()
  await expect(row).toHaveAccessibleName(/, sending, without the log|waiting|not sent/i)
  await composer(ann).fill('half a sentence')
  await expect(rows(ben)).toHaveCount(2)
  await expect(row).not.toHaveAccessibleName(/\d:\d\d, without the log/)
  await harm('back/log')
  await expect(row).toHaveAccessibleName(/\d:\d\d, without the log/, patience)
  await expect(composer(ann)).toHaveValue('half a sentence')
  await say(ann, 'back by itself')
  const all = ['all is well', 'without the database', 'without the log', 'back by itself']
  for (const page of [ann, ben]) {
    await expect.poll(() => texts(page), patience).toEqual(all)
    await page.reload()
    await expect.poll(() => texts(page), patience).toEqual(all)
  }
})
