import { Refused } from 'parley-client'
import { expect, test } from 'vitest'
import type { RefreshOutcome } from './session'
import { tokensOf } from './tokens'

class FakeCredential {
  refreshes = 0
  old = false
  outcome: RefreshOutcome = 'renewed'

  token(): string {
    return `token-${this.refreshes}`
  }

  stale(): boolean {
    return this.old
  }

  async refresh(): Promise<RefreshOutcome> {
    if (this.outcome === 'renewed') this.refreshes++
    return this.outcome
  }
}

test('a fresh token is given as it is', async () => {
  const session = new FakeCredential()
  expect(await tokensOf(session)()).toBe('token-0')
  expect(session.refreshes).toBe(0)
})

test('an old one, and one that was refused, is renewed', async () => {
  const session = new FakeCredential()
  session.old = true
  expect(await tokensOf(session)()).toBe('token-1')
  session.old = false
  expect(await tokensOf(session)('token-1')).toBe('token-2')
})

test('one that a request has renewed meanwhile is not renewed again', async () => {
  const session = new FakeCredential()
  session.refreshes = 3
  expect(await tokensOf(session)('token-2')).toBe('token-3')
})

test('a session that has ended is told from a server that is away', async () => {
  const session = new FakeCredential()
  session.outcome = 'refused'
  await expect(tokensOf(session)('token-0')).rejects.toMatchObject({ code: 'unauthorized' })
  session.outcome = 'unreachable'
  await expect(tokensOf(session)('token-0')).rejects.not.toBeInstanceOf(Refused)
})
