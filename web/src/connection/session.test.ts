import { afterEach, expect, test, vi } from 'vitest'
import { ann } from '../testing/events'
import { MemoryStorage } from '../testing/storage'
import { Session, signedInKey } from './session'

afterEach(() => vi.unstubAllGlobals())

/** A session of Ann’s that was remembered, and a server that answers when it is told to. */
function remembered() {
  const storage = new MemoryStorage()
  storage.setItem(signedInKey, JSON.stringify(ann))
  const calls: { path: string; answer(body: unknown): void }[] = []
  vi.stubGlobal('fetch', (url: string) => {
    return new Promise<Response>((resolve) =>
      calls.push({
        path: url.replace('/api/v1', ''),
        answer: (body) => resolve(new Response(JSON.stringify(body))),
      }),
    )
  })
  const asked = (path: string) => vi.waitUntil(() => calls.find((call) => call.path === path))
  return { storage, session: new Session(storage), calls, asked }
}

const renewed = { token: 't', expiresAt: Date.now() + 3_600_000, user: ann }

test('who was signed in is known before the server has said it', async () => {
  const { session, asked } = remembered()
  expect(session.state.getState()).toEqual({ phase: 'restoring', user: ann })
  const restored = session.restore()
  ;(await asked('/refresh')).answer(renewed)
  expect(await restored).toBe('renewed')
  expect(session.state.getState()).toEqual({ phase: 'in', user: ann })
})

test('whoever signs out before the server has answered stays out, and the cookie that comes late goes, too', async () => {
  const { storage, session, calls, asked } = remembered()
  const restored = session.restore()
  const refresh = await asked('/refresh')
  const out = session.signOut()
  expect(session.state.getState()).toEqual({ phase: 'out' })
  expect(calls.map(({ path }) => path)).toEqual(['/refresh'])
  refresh.answer(renewed)
  expect(await restored).toBe('refused')
  ;(await asked('/logout')).answer({})
  await out
  expect(session.state.getState()).toEqual({ phase: 'out' })
  expect([session.token(), storage.getItem(signedInKey)]).toEqual(['', null])
})
