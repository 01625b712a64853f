import { expect, test } from 'vitest'
import type { RoomInfo } from '../protocol/types'
import { head } from '../testing/events'
import { News } from './news'

interface Standing {
  /** The n of the last message. */
  n: number
  read: number
  mentions?: number
  role?: string | null
}

/** Look has room 7 stand like this; all rooms are known by then. */
function look(news: News, { n, read, mentions = 0, role = 'member' }: Standing, allKnown = true) {
  const room = { id: 7, name: 'general', kind: 'public', members: 2, head: head(n) } as RoomInfo
  const pointers = { 7: { seq: read, n: read, version: 1, mentions } }
  const found = news.look([role === null ? room : { ...room, role }], pointers, allKnown)
  return found.map(({ unread, mentions, last, naming }) => [unread, mentions, last?.text, naming?.text])
}

/** Seen is news of a room that stood like this at the last look. */
function seen(standing: Standing): News {
  const news = new News()
  look(news, standing, false)
  return news
}

test('what waits when the page is opened is no news, and what comes after is', () => {
  const news = new News()
  expect(look(news, { n: 9, read: 3, mentions: 2 }, false)).toEqual([])
  expect(look(news, { n: 9, read: 3, mentions: 2 })).toEqual([])
  expect(look(news, { n: 11, read: 3, mentions: 3 })).toEqual([[2, 1, undefined, undefined]])
  expect(look(news, { n: 11, read: 3, mentions: 3 })).toEqual([])
})

test('in a room that comes to be known later, what is not read is news', () => {
  expect(look(new News(), { n: 2, read: 0, mentions: 1 })).toEqual([[2, 1, undefined, undefined]])
})

test('a room that the person is not in has no news', () => {
  expect(look(seen({ n: 3, read: 3 }), { n: 5, read: 3, role: null })).toEqual([])
})

test('what is read, or was written by the person, is no news', () => {
  expect(look(seen({ n: 3, read: 3 }), { n: 5, read: 5 })).toEqual([])
  expect(look(seen({ n: 3, read: 3 }), { n: 6, read: 5 })).toEqual([[1, 0, undefined, undefined]])
})

test('to mark a room as unread brings no news', () => {
  expect(look(seen({ n: 5, read: 5 }), { n: 5, read: 2, mentions: 2 })).toEqual([])
  expect(look(seen({ n: 5, read: 4, mentions: 1 }), { n: 5, read: 2, mentions: 2 })).toEqual([])
})

test('a mention is counted also when the one before was read meanwhile, or its message was seen before', () => {
  expect(look(seen({ n: 5, read: 4, mentions: 1 }), { n: 6, read: 5, mentions: 1 })).toEqual([
    [1, 1, undefined, undefined],
  ])
  const news = seen({ n: 5, read: 5 })
  expect(look(news, { n: 6, read: 5 })).toEqual([[1, 0, undefined, undefined]])
  expect(look(news, { n: 6, read: 5, mentions: 1 })).toEqual([[0, 1, undefined, undefined]])
})

test('lines are those heard since the last look, the latest first of all', () => {
  const news = seen({ n: 3, read: 3 })
  news.heard(7, { seq: 4, name: 'Bo', text: 'for you', names: true })
  news.heard(7, { seq: 5, name: 'Bo', text: 'for all', names: false })
  news.heard(7, { seq: 4, name: 'Bo', text: 'for you' })
  expect(look(news, { n: 5, read: 3, mentions: 1 })).toEqual([[2, 1, 'for all', 'for you']])
  expect(look(news, { n: 6, read: 3, mentions: 1 })).toEqual([[1, 0, undefined, undefined]])
})

test('a line heard before the list has come as far waits for that', () => {
  const news = seen({ n: 3, read: 3 })
  news.heard(7, { seq: 4, name: 'Bo', text: 'hello' })
  expect(look(news, { n: 3, read: 3 })).toEqual([])
  expect(look(news, { n: 4, read: 3 })).toEqual([[1, 0, 'hello', undefined]])
  expect(look(news, { n: 5, read: 3 })).toEqual([[1, 0, undefined, undefined]])
})

test('what is deleted before anybody was told is not said', () => {
  const news = seen({ n: 3, read: 3 })
  news.heard(7, { seq: 4, name: 'Bo', text: 'a secret', names: true })
  news.deleted(7, 4)
  expect(look(news, { n: 4, read: 3, mentions: 1 })).toEqual([[1, 1, undefined, undefined]])
})
