import { expect, test } from 'vitest'
import type { RoomInfo } from '../../protocol/types'
import { EmojiSource } from './emoji'
import { emojiList } from './emojiList'
import { RoomSource } from './rooms'

const emoji = async () => {
  const source = new EmojiSource(async () => emojiList)
  await source.learn()
  return source
}

test('emoji are found by a short name, the best first, and by other words', async () => {
  const source = await emoji()
  const found = (query: string) => source.find(query).map(({ emoji }) => emoji)
  expect(found('tada')[0]).toBe('🎉')
  expect(found('+1')[0]).toBe('👍️')
  expect(found('THUMBSU')[0]).toBe('👍️')
  expect(found('heart')[0]).toBe('❤️')
  expect(found('celebration')).toContain('🎉')
  expect(found('qqq')).toEqual([])
  expect(source.exactly('tada')?.text).toBe('🎉')
  expect(source.exactly('tad')).toBeUndefined()
})

test('every emoji has a short name, and no two have the same', async () => {
  const names = emojiList.split('\n').flatMap((line) => line.split('|')[1]?.split(' ') ?? [])
  expect(names.length).toBeGreaterThan(1_800)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^[a-z0-9_+-]+$/)
})

test('emoji that cannot be fetched are not offered, and are asked for again', async () => {
  let tries = 0
  const source = new EmojiSource(async () => {
    if (++tries === 1) throw new Error('no connection')
    return emojiList
  })
  await source.learn()
  expect(source.find('tada')).toEqual([])
  await source.learn()
  expect(source.find('tada')).not.toEqual([])
  expect(source.learn()).toBeUndefined()
})

const room = (id: number, name: string, more: Partial<RoomInfo> = {}): RoomInfo => ({
  id,
  name,
  kind: 'public',
  members: 1,
  archived: false,
  head: { seq: 1, n: 0, cursor: '1.abcdef' },
  role: 'member',
  ...more,
})

test('rooms with a name are offered, one’s own first; not archived ones', () => {
  const { role: _, ...open } = room(1, 'general talk')
  const source = new RoomSource(() => [
    open,
    room(2, 'the general'),
    room(3, 'general old', { archived: true }),
    room(4, '', { kind: 'group' }),
    room(5, 'sound and light', { kind: 'private' }),
  ])
  const found = (query: string) => source.find(query).map(({ text }) => text)
  expect(found('gen')).toEqual(['#the general', '#general talk'])
  expect(found('sound and')).toEqual(['#sound and light'])
  expect(found('light and')).toEqual([])
  expect(found('gnl')).toEqual([])
  expect(found('')).toHaveLength(3)
})
