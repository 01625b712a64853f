import { expect, test } from 'vitest'
import type { Event } from '../protocol/types'
import { statements } from './notices'

const move = (kind: string, userId: number): Event => ({ kind, roomId: 1, userId, userName: `P${userId}` })

test('joins are one statement', () => {
  expect(statements([move('join', 1), move('join', 2), move('leave', 3)])).toEqual([
    { kind: 'join', names: ['P1', 'P2'] },
    { kind: 'leave', names: ['P3'] },
  ])
})

test('who came and went again is not worth a word', () => {
  expect(statements([move('join', 1), move('leave', 1)])).toEqual([])
  expect(statements([move('join', 1), move('leave', 1), move('join', 1)])).toEqual([
    { kind: 'join', names: ['P1'] },
  ])
})

test('other events stand alone', () => {
  expect(statements([{ ...move('rename', 1), name: 'new name' }, move('join', 2)])).toEqual([
    { kind: 'rename', name: 'P1', to: 'new name' },
    { kind: 'join', names: ['P2'] },
  ])
})
