import { expect, it } from 'vitest'
import { addressOf, pictures, showPictures } from './pictures'

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

it('leads nowhere else, whatever an id is', () => {
  expect(addressOf('../../x?y')).toBe('/api/v1/pictures/..%2F..%2Fx%3Fy')
})
