import { afterEach, expect, test, vi } from 'vitest'
import { flush } from '../../testing/defer'
import { Board } from './board'

/** What the worker shows: of each room how far it had come. */
let stands: { title: string; body: string; tag: string; data: object; close: () => void }[] = []

function show(tag: string, rooms: Record<number, number>): void {
  const notification = {
    title: tag,
    body: '',
    tag,
    data: { rooms: new Map(Object.entries(rooms).map(([id, n]) => [Number(id), n])), count: 1 },
    close: () => {
      stands = stands.filter((other) => other !== notification)
    },
  }
  stands = [...stands.filter((other) => other.tag !== tag), notification]
}

async function boardOf(): Promise<Board> {
  const getNotifications = async ({ tag }: { tag?: string } = {}) =>
    stands.filter((one) => tag === undefined || one.tag === tag)
  vi.stubGlobal('navigator', { serviceWorker: { getRegistration: async () => ({ getNotifications }) } })
  const board = new Board(() => undefined)
  await board.renew()
  return board
}

afterEach(() => {
  stands = []
  vi.unstubAllGlobals()
})

test('what an earlier page has told is known, and how far it goes', async () => {
  show('parley.7', { 7: 3 })
  show('parley.rooms', { 7: 2, 8: 5 })
  const board = await boardOf()
  expect([7, 8, 9].map((id) => board.toldUpTo(id))).toEqual([3, 5, 0])
})

test('what is read goes, and nothing else', async () => {
  show('parley.7', { 7: 3 })
  show('parley.8', { 8: 5 })
  const board = await boardOf()
  board.settle((roomId, n) => roomId === 7 && n <= 3)
  await flush()
  expect(stands.map(({ tag }) => tag)).toEqual(['parley.8'])
})

test('what has taken the place of something that is taken away stays', async () => {
  show('parley.7', { 7: 3 })
  const board = await boardOf()
  board.settle(() => true)
  show('parley.7', { 7: 4 })
  await flush()
  expect(stands.map(({ tag }) => tag)).toEqual(['parley.7'])
})
