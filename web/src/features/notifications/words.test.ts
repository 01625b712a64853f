import { afterEach, beforeAll, expect, test } from 'vitest'
import type { RoomInfo } from '../../protocol/types'
import { head } from '../../testing/events'
import { speak, speakAll } from '../../text/text'
import { type Saying, wordsOf, wordsOfMany } from './words'

beforeAll(speakAll)
afterEach(() => speak('en'))

const room = (changes: Partial<RoomInfo> = {}) =>
  ({ id: 7, name: 'general', kind: 'public', members: 2, head: head(3), ...changes }) as RoomInfo
const line = (text: string, name = 'Bo') => ({ seq: 4, name, text })

function say(changes: Partial<Saying>, hidden = false): string {
  const { title, body } = wordsOf(
    { room: room(), count: 1, naming: false, line: line('hello'), ...changes },
    hidden,
  )
  return `${title} | ${body}`
}

test('one message says who wrote what, between two people only what', () => {
  const peer = { id: 2, name: 'Bo', handle: 'bo' }
  expect(say({})).toBe('general | Bo: hello')
  expect(say({ room: room({ kind: 'direct', name: '', peer }) })).toBe('Bo | hello')
  expect(say({ room: room({ kind: 'group', name: '' }) })).toBe('Group | Bo: hello')
})

test('several, or one that is not known, are counted', () => {
  expect(say({ count: 12, line: undefined })).toBe('general | 12 new messages')
  expect(say({ line: undefined })).toBe('general | 1 new message')
  expect(say({ count: 2, naming: true, line: undefined })).toBe('general | 2 mentions')
})

test('hidden, nothing is said but that something came', () => {
  expect(say({}, true)).toBe('Parley | New message')
  expect(say({ count: 12, line: undefined }, true)).toBe('Parley | 12 new messages')
  expect(wordsOfMany(5, 20, true)).toEqual({ title: 'Parley', body: '20 new messages' })
  expect(wordsOfMany(5, 20, false)).toEqual({ title: 'Parley', body: 'New messages in 5 rooms' })
})

test('what is written is plain text in one line, and not too long', () => {
  expect(say({ line: line('**now**\n\n\u202elook\u2066 here\u0007', 'B\u202eo\n') })).toBe(
    'general | Bo: now look here',
  )
  expect(say({ line: line('<img src=x> &amp; $& {name}') })).toBe('general | Bo: <img src=x> &amp; $& {name}')
  const long = say({ line: line('😀'.repeat(300)) })
  expect([...long].filter((character) => character === '😀')).toHaveLength(200)
  expect(long.endsWith('😀…')).toBe(true)
})

test('it speaks the language that was chosen', async () => {
  await speak('de')
  expect(wordsOfMany(5, 20, false).body).toBe('Neue Nachrichten in 5 Räumen')
  await speak('ar')
  expect(wordsOf({ room: room(), count: 2, naming: false, line: undefined }, false).body).toBe(
    'رسالتان جديدتان',
  )
})
