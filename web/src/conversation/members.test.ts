import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { MemberInfo, MemberPage } from '../protocol/types'
import { type Deferred, defer, flush } from '../testing/defer'
import { type Call, Members } from './members'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

interface Asked extends Deferred<unknown> {
  method: string
  path: string
  body: unknown
}

function open(): { members: Members; asked: Asked[] } {
  const asked: Asked[] = []
  const call: Call = <Answer>(method: string, path: string, body?: unknown) => {
    const answer = { ...defer<unknown>(), method, path, body }
    asked.push(answer)
    return answer.promise as Promise<Answer>
  }
  return { members: new Members(7, call), asked }
}

const person = (id: number, name: string, role = 'member'): MemberInfo => ({
  id,
  name,
  handle: name.toLowerCase(),
  status: 'offline',
  role,
  from: 1,
})
const names = (members: Members) => members.state.getState().members.map(({ name }) => name)

test('members are read page by page and stand by role and name', async () => {
  const { members, asked } = open()
  void members.refresh()
  asked[0]?.resolve({ members: [person(1, 'Zoe'), person(2, 'Bo', 'admin')], next: '2' } satisfies MemberPage)
  await flush()
  expect(asked[0]?.path).toBe('/rooms/7/members?limit=200')
  expect(names(members)).toEqual(['Bo', 'Zoe'])
  expect(members.state.getState().more).toBe(true)

  void members.more()
  asked[1]?.resolve({ members: [person(3, 'Ann', 'owner'), person(4, 'cleo')] } satisfies MemberPage)
  await flush()
  expect(asked[1]?.path).toBe('/rooms/7/members?limit=200&after=2')
  expect(names(members)).toEqual(['Ann', 'Bo', 'cleo', 'Zoe'])
  expect(members.state.getState().more).toBe(false)
})

test('events that move people have the list read once more, others do not', async () => {
  const { members, asked } = open()
  members.happened('message')
  await vi.runAllTimersAsync()
  expect(asked).toHaveLength(0)
  for (const kind of ['join', 'leave', 'role']) members.happened(kind)
  await vi.runAllTimersAsync()
  expect(asked).toHaveLength(1)
})

test('an answer that comes late changes nothing', async () => {
  const { members, asked } = open()
  void members.refresh()
  void members.refresh()
  asked[1]?.resolve({ members: [person(2, 'Bo')] } satisfies MemberPage)
  asked[0]?.resolve({ members: [person(1, 'Ann')] } satisfies MemberPage)
  await flush()
  expect(names(members)).toEqual(['Bo'])
})

test('a list that cannot be read says so, and what was read stays', async () => {
  const { members, asked } = open()
  void members.refresh()
  asked[0]?.resolve({ members: [person(1, 'Ann')] } satisfies MemberPage)
  await flush()
  void members.refresh()
  asked[1]?.reject(new Error('away'))
  await flush()
  expect(members.state.getState()).toMatchObject({ failed: true, loaded: true })
  expect(names(members)).toEqual(['Ann'])
})

test('what is done about a member is a change with an id of its own, and shows in the list', async () => {
  const { members, asked } = open()
  void members.setRole(3, 'admin')
  expect(asked[0]).toMatchObject({ method: 'PATCH', path: '/rooms/7/members/3', body: { role: 'admin' } })
  asked[0]?.resolve({ ok: true })
  await flush()
  expect(asked[1]?.path).toBe('/rooms/7/members?limit=200')
})
