import { expect, test } from 'vitest'
import type { Event } from '../protocol/types'
import { statements } from './notices'

const move = (kind: string, userId: number): Event => ({ kind, roomId: 1, userId, userName: `P${userId}` })
const nameOf = (id: number) => (id === 9 ? '' : `P${id}`)

test('joins are one statement', () => {
  expect(statements([move('join', 1), move('join', 2), move('leave', 3)], nameOf)).toEqual([
    { kind: 'join', names: ['P1', 'P2'] },
    { kind: 'leave', names: ['P3'] },
  ])
})

test('who came and went again is not worth a word', () => {
  expect(statements([move('join', 1), move('leave', 1)], nameOf)).toEqual([])
  expect(statements([move('join', 1), move('leave', 1), move('join', 1)], nameOf)).toEqual([
    { kind: 'join', names: ['P1'] },
  ])
})

test('other events stand alone', () => {
  expect(statements([{ ...move('rename', 1), name: 'new name' }, move('join', 2)], nameOf)).toEqual([
    { kind: 'rename', name: 'P1', to: 'new name' },
    { kind: 'join', names: ['P2'] },
  ])
})

test('a conversation of people was begun, a room was created', () => {
  const told = (roomKind: string) => statements([{ ...move('create', 1), roomKind }], nameOf)
  expect(told('direct')).toEqual([{ kind: 'begin', name: 'P1', to: '' }])
  expect(told('group')).toEqual([{ kind: 'begin', name: 'P1', to: '' }])
  expect(told('private')).toEqual([{ kind: 'create', name: 'P1', to: '' }])
})

test('what is done to somebody names them, and what a change made of the room is told', () => {
  const told = statements(
    [
      { ...move('kick', 1), targetUser: 2 },
      { ...move('ban', 1), targetUser: 9 },
      { ...move('role', 1), targetUser: 3, role: 'owner' },
      { ...move('role', 1), targetUser: 3, role: 'member' },
      { ...move('visibility', 1), roomKind: 'private' },
      { ...move('topic', 1), topic: '' },
      { ...move('topic', 1), topic: 'Ships' },
    ],
    nameOf,
  )
  expect(told.map((one) => `${one.kind} ${'to' in one ? one.to : ''}`)).toEqual([
    'kick P2',
    'ban ',
    'roleOwner P3',
    'roleMember P3',
    'private ',
    'topicNone ',
    'topic Ships',
  ])
})
