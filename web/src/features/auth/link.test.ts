import { expect, test } from 'vitest'
import { linkOf, roomTokenOf } from './link'

test('a link says what it is for', () => {
  expect(linkOf({ pathname: '/setup', hash: '#token=abc' })).toEqual({ purpose: 'setUp', token: 'abc' })
  expect(linkOf({ pathname: '/reset', hash: '#token=a-_c' })).toEqual({ purpose: 'reset', token: 'a-_c' })
  expect(linkOf({ pathname: '/join', hash: '#invite=abc' })).toEqual({ purpose: 'signUp', token: 'abc' })
})

test('what is no link is an address like any other', () => {
  for (const [pathname, hash] of [
    ['/', '#token=abc'],
    ['/setup', ''],
    ['/setup', '#invite=abc'],
    ['/join', '#token='],
    ['/r/7', '#token=abc'],
  ] as const)
    expect(linkOf({ pathname, hash })).toBeUndefined()
})

test('a link into a room is none that signs in', () => {
  expect(roomTokenOf({ pathname: '/room', hash: '#link=a-_c' })).toBe('a-_c')
  expect(roomTokenOf({ pathname: '/room', hash: '#link=' })).toBeUndefined()
  expect(roomTokenOf({ pathname: '/join', hash: '#link=abc' })).toBeUndefined()
  expect(linkOf({ pathname: '/room', hash: '#link=abc' })).toBeUndefined()
})
