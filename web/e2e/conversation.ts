import { Bot } from './bot'
import type { Parley } from './server'

/** A conversation for pictures, and the people in it. */
export async function tellStory(parley: Parley): Promise<{ room: number; people: Bot[] }> {
  const mira = await Bot.register(parley.url, 'mira.lindqvist')
  const jonas = await Bot.register(parley.url, 'jonas')
  const aiko = await Bot.register(parley.url, 'aiko.tanaka')
  await mira.rename('Mira Lindqvist')
  await jonas.rename('Jonas')
  await jonas.show({ status: 'dnd' })
  await aiko.rename('Aiko Tanaka')
  await aiko.show({ status: 'away' })
  const room = await mira.createRoom('harbour-festival')
  for (const name of ['general', 'sound and light', 'volunteers', 'Küche']) await mira.createRoom(name)
  for (const person of [mira, jonas, aiko]) await person.join(room.id)
  const lines: [Bot, string][] = [
    [mira, 'Good morning everyone. The permit for the east quay came through last night.'],
    [mira, 'We can set up from Thursday noon, and we have to be gone by Monday six.'],
    [jonas, 'That is two hours more than last year, excellent.'],
    [aiko, 'Does it cover the pontoon too? The choir would love to sing from there.'],
    [mira, 'It does, up to forty people. The plan is here: https://example.org/quay/plan-2026.pdf'],
    [
      jonas,
      'Then I would move the small stage to the north end:\n- shorter cables\n- nobody has to cross the bikes',
    ],
    [aiko, 'Wunderbar. I will redraw the map tonight and bring prints tomorrow.'],
    [jonas, 'Perfect. Who brings the ladder?'],
  ]
  for (const [person, text] of lines) await person.say(room.id, text)
  return { room: room.id, people: [mira, jonas, aiko] }
}
