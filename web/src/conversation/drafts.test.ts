import { expect, test } from 'vitest'
import { MemoryStorage } from '../testing/storage'
import { Drafts } from './drafts'

test('what was begun is there after a reload, and only for whoever began it', () => {
  const storage = new MemoryStorage()
  const drafts = new Drafts(storage, 1)
  expect(drafts.state.getState().size).toBe(0)
  drafts.set(7, 'half a sen')
  drafts.set(8, '  \n')
  drafts.set(9, 'gone')
  drafts.set(9, '')
  expect([...drafts.state.getState()]).toEqual([7])
  const again = new Drafts(storage, 1)
  expect(again.get(7)).toBe('half a sen')
  expect([...again.state.getState()]).toEqual([7])
  expect(again.get(9)).toBe('')
  expect(new Drafts(storage, 2).state.getState().size).toBe(0)
  expect(new Drafts(storage, 2).get(7)).toBe('')
})

test('another tab writes, and sends', () => {
  const storage = new MemoryStorage()
  const here = new Drafts(storage, 1)
  const there = new Drafts(storage, 1)
  here.set(7, 'mine')
  there.set(7, 'theirs')
  here.storageChanged('parley.draft.1.7', 'theirs')
  expect(here.get(7)).toBe('theirs')
  there.set(7, '')
  here.storageChanged('parley.draft.1.7', null)
  expect(here.get(7)).toBe('')
  expect(here.state.getState().has(7)).toBe(false)
  for (const key of ['parley.draft.2.7', 'parley.draft.1.x', 'parley.outbox.1.7'])
    here.storageChanged(key, 'x')
  expect(here.state.getState().size).toBe(0)
})
