import { expect, test } from 'vitest'
import type { BanPage, PersonInfo } from '../protocol/types'
import { type Deferred, defer, flush } from '../testing/defer'
import { Bans } from './bans'
import type { Call } from './members'

function open() {
  const asked: (Deferred<unknown> & { method: string; path: string })[] = []
  const call: Call = <Answer>(method: string, path: string) => {
    asked.push({ ...defer<unknown>(), method, path })
    return asked.at(-1)?.promise as Promise<Answer>
  }
  const bans = new Bans(7, call)
  const names = () => bans.state.getState().people.map(({ name }) => name)
  const answer = async (at: number, page: BanPage) => {
    asked[at]?.resolve(page)
    await flush()
  }
  return { bans, asked, names, answer }
}

const person = (id: number, name: string) => ({ id, name, handle: name, status: 'offline' }) as PersonInfo

test('who is banned is read page by page, and again when somebody is or is no more', async () => {
  const { bans, asked, names, answer } = open()
  void bans.refresh()
  await answer(0, { people: [person(1, 'ann')], next: '1' })
  expect(bans.state.getState()).toMatchObject({ more: true, failed: false })
  void bans.more()
  await answer(1, { people: [person(2, 'bo')] })
  expect(names()).toEqual(['ann', 'bo'])
  expect(asked.map(({ path }) => path)).toEqual([
    '/rooms/7/bans?limit=200',
    '/rooms/7/bans?limit=200&after=1',
  ])
  bans.happened('kick')
  expect(asked).toHaveLength(2)
  bans.happened('ban')
  bans.happened('unban')
  await answer(3, { people: [person(2, 'bo')] })
  await answer(2, { people: [person(1, 'ann'), person(2, 'bo')] })
  expect(names()).toEqual(['bo'])
})

test('a lifted ban is gone from the list, and a reading that fails keeps what is known', async () => {
  const { bans, asked, names, answer } = open()
  void bans.refresh()
  await answer(0, { people: [person(1, 'ann'), person(2, 'bo')] })
  const lifted = bans.lift(1)
  expect(asked[1]).toMatchObject({ method: 'DELETE', path: '/rooms/7/bans/1' })
  asked[1]?.resolve({})
  await flush()
  await answer(2, { people: [person(2, 'bo')] })
  await lifted
  expect(names()).toEqual(['bo'])
  void bans.refresh()
  asked[3]?.reject(new Error('away'))
  await flush()
  expect(bans.state.getState()).toMatchObject({ failed: true })
  expect(names()).toEqual(['bo'])
})
