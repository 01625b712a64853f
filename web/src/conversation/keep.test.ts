import type { Outgoing } from 'parley-client'
import { expect, test } from 'vitest'
import { ann, room } from '../testing/events'
import { MemoryStorage } from '../testing/storage'
import { LocalKeep } from './keep'

const message = (cid: string): Outgoing => ({
  event: 'sendMessage',
  text: cid,
  cid,
  roomId: room,
  at: 1,
  phase: 'waiting',
  tried: false,
})

test('what is kept is found again, in the order of its making, until it is dropped', () => {
  const storage = new MemoryStorage()
  const keep = new LocalKeep(storage, ann.id)
  keep.save(message('b'))
  keep.save({ ...message('a'), event: 'editMessage', target: 4, text: 'better' })
  const after = new LocalKeep(storage, ann.id)
  expect(after.load().map(({ cid, event }) => [cid, event])).toEqual([
    ['a', 'editMessage'],
    ['b', 'sendMessage'],
  ])
  after.drop({ roomId: room, cid: 'a' })
  expect(keep.load()).toEqual([message('b')])
})

test('another person finds nothing', () => {
  const storage = new MemoryStorage()
  new LocalKeep(storage, ann.id).save(message('a'))
  expect(new LocalKeep(storage, ann.id + 1).load()).toEqual([])
})

test('what an earlier version has kept is a message', () => {
  const storage = new MemoryStorage()
  const { event: _, ...old } = message('a')
  storage.setItem(`parley.outbox.${ann.id}.${room}.a`, JSON.stringify(old))
  storage.setItem(`parley.outbox.${ann.id}.${room}.b`, 'nonsense')
  expect(new LocalKeep(storage, ann.id).load()).toEqual([message('a')])
})

test('a storage that is full refuses nothing', () => {
  const storage = new MemoryStorage()
  storage.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  expect(() => new LocalKeep(storage, ann.id).save(message('a'))).not.toThrow()
})

test('a key says what it belongs to', () => {
  const keep = new LocalKeep(new MemoryStorage(), ann.id)
  expect(keep.cidOf(`parley.outbox.${ann.id}.${room}.a-b`)).toBe('a-b')
  expect(keep.cidOf('parley.draft.1.7')).toBeUndefined()
})
