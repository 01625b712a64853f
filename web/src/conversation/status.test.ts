import { expect, test } from 'vitest'
import { defer } from '../testing/defer'
import { Chosen, statusIn, statusOf } from './status'

const own = (rev: number, status = 'online', hideLastSeen = false) => ({ status, hideLastSeen, rev })

test('a member is shown as the server says, as offline when it does not name them, and not at all before', () => {
  const bo = { id: 2, name: 'Bo', handle: 'bo' }
  const online = [
    { ...bo, status: 'dnd' },
    { ...bo, id: 3, status: 'on holiday' },
  ]
  expect(statusOf(undefined, 2)).toBeUndefined()
  expect([2, 3, 4].map((id) => statusOf(online, id))).toEqual(['dnd', 'online', 'offline'])
  expect(['online', 'away', 'dnd', 'offline'].map(statusIn)).toEqual(['online', 'away', 'dnd', 'offline'])
})

test('of what the server says the last choice counts, in whatever order it comes', () => {
  const chosen = new Chosen(() => Promise.reject(new Error('nobody asks')))
  expect(chosen.state.getState()).toEqual({ status: 'online', hideLastSeen: false, known: false })
  chosen.take(own(0, 'away'))
  expect(chosen.state.getState().status).toBe('away')
  chosen.take(own(3, 'dnd', true))
  chosen.take(own(2, 'online'))
  expect(chosen.state.getState()).toEqual({ status: 'dnd', hideLastSeen: true, known: true })
})

test('a choice shows at once, what comes meanwhile lies below it, and a refused one goes back', async () => {
  const answers = [defer<never>(), defer<never>()]
  const asked: unknown[] = []
  const chosen = new Chosen((method, path, body) => {
    asked.push([method, path, body])
    return (answers[asked.length - 1] as (typeof answers)[0]).promise
  })
  const away = chosen.choose({ status: 'away' })
  const hide = chosen.choose({ hideLastSeen: true })
  expect(asked).toEqual([
    ['PATCH', '/me/status', { status: 'away' }],
    ['PATCH', '/me/status', { hideLastSeen: true }],
  ])
  expect(chosen.state.getState()).toEqual({ status: 'away', hideLastSeen: true, known: true })
  chosen.take(own(1, 'dnd'))
  expect(chosen.state.getState()).toEqual({ status: 'away', hideLastSeen: true, known: true })
  answers[0]?.resolve(own(2, 'away') as never)
  await away
  answers[1]?.reject(new Error('refused'))
  await expect(hide).rejects.toThrow('refused')
  expect(chosen.state.getState()).toEqual({ status: 'away', hideLastSeen: false, known: true })
})
