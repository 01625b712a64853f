import { expect, test } from 'vitest'
import { type Deed, may, outranks } from './rights'

const deeds: readonly Deed[] = ['invite', 'link', 'describe', 'moderate', 'ban', 'govern', 'leave']

test('each role may do more than the one below it', () => {
  const allowed = (kind: string, role?: string) =>
    deeds.filter((deed) => may(role === undefined ? { kind } : { kind, role }, deed))
  expect(allowed('public')).toEqual([])
  expect(allowed('public', 'member')).toEqual(['invite', 'leave'])
  expect(allowed('private', 'member')).toEqual(['leave'])
  expect(allowed('private', 'admin')).toEqual(['invite', 'link', 'describe', 'moderate', 'ban', 'leave'])
  expect(allowed('public', 'owner')).toEqual(deeds)
  expect(allowed('group', 'member')).toEqual(['invite', 'describe', 'leave'])
  expect(allowed('direct', 'member')).toEqual([])
  expect(allowed('something new', 'owner')).toEqual([])
})

test('nobody acts on somebody of their own role or above', () => {
  const admin = { kind: 'public', role: 'admin' }
  expect(outranks(admin, 'member')).toBe(true)
  expect(outranks(admin, 'admin')).toBe(false)
  expect(outranks(admin, 'owner')).toBe(false)
  expect(outranks({ kind: 'public' }, 'member')).toBe(false)
})
