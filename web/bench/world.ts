import { Bot } from '../e2e/bot'
import { Chorus } from '../e2e/chorus'
import { mixed } from '../e2e/mixed'
import type { Size } from './size'

/** World is a server full of people, rooms and messages, and one person whose page is measured. */
export interface World {
  /** Members of the large room, who can write faster than one person may. */
  crowd: Chorus
  ann: Bot
  /** The large room, and two small ones. */
  large: Room
  small: readonly [Room, Room]
}

export interface Room {
  id: number
  name: string
}

/** Populate fills the server. Everything goes the way that people's own words go. */
export async function populate(url: string, size: Size): Promise<World> {
  const ann = await Bot.register(url, 'ann')
  const crowd = await Chorus.gather(url, size.people)
  const names = Array.from(
    { length: size.rooms },
    (_, i) => lookedAt[i] ?? `${topics[i % topics.length]} ${i + 1}`,
  )
  const rooms: Room[] = []
  for (const name of names) rooms.push({ id: (await crowd.first.createRoom(name)).id, name })
  for (const { id } of rooms) {
    await ann.enter(id)
    await crowd.first.say(id, 'Welcome. This is where we begin.')
  }
  const [large, ...small] = rooms as [Room, Room, Room]
  await crowd.join(large.id)
  await crowd.speak(
    large.id,
    Array.from({ length: size.messages }, (_, i) => mixed(i)),
  )
  for (const { id } of small.slice(0, 2)) for (let i = 0; i < 40; i++) await crowd.first.say(id, mixed(i))
  ann.leave()
  crowd.leave()
  return { crowd, ann, large, small: [small[0] as Room, small[1] as Room] }
}

/** Names that are no part of another one. */
const lookedAt = ['archive', 'basement', 'cloakroom']
const topics = ['harbour', 'kitchen', 'stage', 'volunteers', 'press', 'budget', 'night shift', 'music']

/** Rain is messages that arrive at a steady rate, planned in advance, until it is stopped. */
export function rain(crowd: Chorus, room: number, perSecond: number): { stop(): Promise<number> } {
  const begun = performance.now()
  const under = new Set<Promise<void>>()
  let said = 0
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) * perSecond) / 1_000
    while (said < due) {
      const sent = crowd.voice(said).tell(room, said % 10 === 0 ? mixed(said) : `rain ${said}`)
      said++
      under.add(sent)
      void sent.finally(() => under.delete(sent))
    }
  }, 5)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(under)
      return said
    },
  }
}
