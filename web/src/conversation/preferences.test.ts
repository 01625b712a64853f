import { expect, test } from 'vitest'
import { defer } from '../testing/defer'
import { counted, Preferences, preferenceFor, told } from './preferences'

const settings = (version: number, changes: object = {}) => ({
  starred: false,
  muted: false,
  notify: 'all',
  place: 0,
  version,
  ...changes,
})

test('of what the server says the later counts, in whatever order it comes', () => {
  const preferences = new Preferences(() => Promise.reject(new Error('nobody asks')))
  const shown = () => preferenceFor(preferences.state.getState(), 7)
  expect(shown()).toEqual({ starred: false, muted: false, notify: 'all', place: 0 })
  preferences.take({ roomId: 7, settings: settings(2, { starred: true, place: 5 }) })
  preferences.take({ roomId: 7, settings: settings(1, { muted: true }) })
  expect(shown()).toEqual({ starred: true, muted: false, notify: 'all', place: 5 })
  preferences.take({ roomId: 7, settings: settings(3, { notify: 'none' }) })
  expect(shown()).toEqual({ starred: false, muted: false, notify: 'none', place: 0 })
})

test('a change shows at once, what comes meanwhile lies below it, and a refused one goes back', async () => {
  const answers = [defer<never>(), defer<never>()]
  const asked: unknown[] = []
  const preferences = new Preferences((method, path, body) => {
    asked.push([method, path, body])
    return (answers[asked.length - 1] as (typeof answers)[0]).promise
  })
  const shown = () => preferenceFor(preferences.state.getState(), 7)
  const star = preferences.change(7, { starred: true })
  const mute = preferences.change(7, { muted: true })
  expect(asked).toEqual([
    ['PATCH', '/rooms/7/settings', { starred: true }],
    ['PATCH', '/rooms/7/settings', { muted: true }],
  ])
  expect(shown()).toMatchObject({ starred: true, muted: true })
  preferences.take({ roomId: 7, settings: settings(1, { notify: 'mentions' }) })
  expect(shown()).toEqual({ starred: true, muted: true, notify: 'mentions', place: Number.MAX_SAFE_INTEGER })
  answers[0]?.resolve(settings(2, { starred: true, notify: 'mentions', place: 9 }) as never)
  await star
  answers[1]?.reject(new Error('refused'))
  await expect(mute).rejects.toThrow('refused')
  expect(shown()).toEqual({ starred: true, muted: false, notify: 'mentions', place: 9 })
})

test('a muted room counts what names the person, and what is told goes by the level', () => {
  const waiting = { unread: 5, mentions: 2 }
  const shown = (muted: boolean, notify: 'all' | 'mentions' | 'none') => {
    const preference = { starred: false, muted, notify, place: 0 }
    const counts = (['public', 'direct'] as const).map((kind) => told(preference, waiting, kind))
    return [counted(preference, waiting), ...counts]
  }
  expect(shown(false, 'all')).toEqual([5, 5, 5])
  expect(shown(false, 'mentions')).toEqual([5, 2, 5])
  expect(shown(false, 'none')).toEqual([5, 0, 0])
  expect(shown(true, 'all')).toEqual([2, 2, 2])
  expect(shown(true, 'mentions')).toEqual([2, 2, 2])
  expect(shown(true, 'none')).toEqual([2, 0, 0])
})
