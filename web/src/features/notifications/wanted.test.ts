import { afterAll, expect, test, vi } from 'vitest'
import { MemoryStorage } from '../../testing/storage'

const storage = new MemoryStorage()
const elsewhere: ((event: Partial<StorageEvent>) => void)[] = []
vi.stubGlobal('localStorage', storage)
vi.stubGlobal('window', {
  addEventListener: (_: string, listener: (event: Partial<StorageEvent>) => void) => elsewhere.push(listener),
})
const { parse, want, wanted } = await import('./wanted')
afterAll(() => vi.unstubAllGlobals())

const key = 'parley.notifications'

test('nothing is on before the person wants it, and what they want is kept', () => {
  expect(wanted.getState()).toMatchObject({ on: false, quiet: false, hide: false, hinted: false })
  want({ on: true, volume: 0.2 })
  expect(parse(storage.getItem(key))).toEqual(wanted.getState())
  expect(wanted.getState()).toMatchObject({ on: true, volume: 0.2, sound: true })
})

test('what another page of this device changes is wanted here too', () => {
  storage.setItem(key, JSON.stringify({ on: true, hide: true }))
  for (const tell of elsewhere) tell({ key })
  expect(wanted.getState()).toMatchObject({ on: true, hide: true, volume: 0.5 })
  storage.clear()
  for (const tell of elsewhere) tell({ key: null })
  expect(wanted.getState()).toMatchObject({ on: false, hide: false })
})

test.each(['', 'no JSON', 'null', '7', '[]', '{"on":"yes","volume":7,"hours":{"from":1},"quiet":null}'])(
  'what was kept and cannot be read is as at first: %s',
  (text) => {
    storage.setItem(key, text)
    for (const tell of elsewhere) tell({ key })
    expect(wanted.getState()).toEqual(parse(null))
  },
)

test('a part that can be read is taken', () => {
  expect(parse('{"hours":{"from":"21:00"},"volume":0}')).toMatchObject({
    hours: { from: '21:00', until: '07:00' },
    volume: 0,
  })
})
