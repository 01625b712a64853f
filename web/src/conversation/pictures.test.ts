import { expect, it, vi } from 'vitest'
import { addressOf, lookUp, lookUpWith, pictures, showPictures } from './pictures'

it('keeps what was told last, and who has none, and tells nobody of what is known', () => {
  let told = 0
  const stop = pictures.subscribe(() => told++)
  showPictures([{ id: 1, picture: 'a' }, { id: 2 }])
  showPictures([{ id: 1, picture: 'a' }])
  expect(pictures.getState()).toEqual({ 1: 'a', 2: '' })
  expect(told).toBe(1)
  showPictures([{ id: 1 }, { id: 2, picture: 'b' }])
  expect(pictures.getState()).toEqual({ 1: '', 2: 'b' })
  stop()
})

it('asks once for whom nothing was told, again when no answer came, and believes what was told meanwhile', async () => {
  vi.useFakeTimers()
  const asked: number[] = []
  lookUpWith(async (id) => {
    asked.push(id)
    if (asked.length === 1) throw new Error('offline')
    if (id === 12) showPictures([{ id, picture: 'newer' }])
    return { id, picture: `of ${id}` }
  })
  showPictures([{ id: 10 }])
  for (const id of [10, 11, 11, 12, 13]) lookUp(id)
  showPictures([{ id: 13 }])
  await vi.runAllTimersAsync()
  expect(asked).toEqual([11, 12])
  for (const id of [11, 12, 13]) lookUp(id)
  await vi.runAllTimersAsync()
  expect(asked).toEqual([11, 12, 11])
  expect(pictures.getState()).toMatchObject({ 10: '', 11: 'of 11', 12: 'newer', 13: '' })
  lookUpWith(undefined)
  vi.useRealTimers()
})

it('leads nowhere else, whatever an id is', () => {
  expect(addressOf('../../x?y')).toBe('/api/v1/pictures/..%2F..%2Fx%3Fy')
})
