import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Authenticate, Draining, Problem } from '../protocol/types'
import { flush } from '../testing/defer'
import { FakeWire } from '../testing/wire'
import { Link } from './link'
import type { RefreshOutcome } from './session'

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
    this.refreshes++
    if (this.outcome === 'renewed') this.old = false
    return this.outcome
  }
}

let wire: FakeWire
let credential: FakeCredential
let link: Link

const phase = () => link.state.getState().phase

async function started(): Promise<void> {
  link.start()
  await flush()
  await wire.accept()
}

beforeEach(() => {
  vi.useFakeTimers()
  wire = new FakeWire()
  credential = new FakeCredential()
  link = new Link(credential, wire.open)
})
afterEach(() => {
  link.stop()
  vi.useRealTimers()
})

test('connects, and comes back after a cut with growing, bounded waits', async () => {
  await started()
  expect(phase()).toBe('up')
  await wire.drop()
  expect(phase()).toBe('connecting')
  const waits: number[] = []
  for (let i = 0; i < 9; i++) {
    const before = wire.attempts
    const begun = Date.now()
    while (wire.attempts === before) await vi.advanceTimersByTimeAsync(50)
    waits.push(Date.now() - begun)
    await wire.refuse()
  }
  expect(waits[0]).toBeLessThanOrEqual(550)
  expect(Math.max(...waits)).toBeLessThanOrEqual(20_050)
  expect(waits.at(-1)).toBeGreaterThanOrEqual(10_000)
})

test('a connection that holds resets the waits, one that breaks at once does not', async () => {
  await started()
  for (let i = 0; i < 5; i++) {
    await wire.drop()
    await vi.advanceTimersByTimeAsync(20_000)
    await wire.accept()
  }
  await wire.drop()
  await vi.advanceTimersByTimeAsync(1_000)
  const before = wire.attempts
  await vi.advanceTimersByTimeAsync(20_000)
  expect(wire.attempts).toBe(before + 1)
  await wire.accept()
  await vi.advanceTimersByTimeAsync(6_000)
  await wire.drop()
  await vi.advanceTimersByTimeAsync(500)
  expect(wire.attempts).toBe(before + 2)
})

test('a wake does not wait', async () => {
  await started()
  await wire.drop()
  const before = wire.attempts
  link.wake()
  await flush()
  expect(wire.attempts).toBe(before + 1)
})

describe('the token', () => {
  test('is renewed before it is used when it is old', async () => {
    credential.old = true
    await started()
    expect(credential.refreshes).toBe(1)
    expect(phase()).toBe('up')
  })

  test('is renewed once, at once, when it is refused', async () => {
    link.start()
    await flush()
    await wire.refuse('unauthorized')
    expect(credential.refreshes).toBe(1)
    expect(wire.attempts).toBe(2)
    await wire.accept()
    expect(phase()).toBe('up')
  })

  test('is renewed at once also when the server was away before', async () => {
    await started()
    await wire.drop()
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(20_000)
      await wire.refuse()
    }
    await vi.advanceTimersByTimeAsync(20_000)
    credential.outcome = 'refused'
    await wire.refuse('unauthorized')
    expect(credential.refreshes).toBe(1)
    expect(phase()).toBe('stopped')
  })

  test('that is refused although it is fresh is not renewed in a loop', async () => {
    link.start()
    await flush()
    for (let i = 0; i < 4; i++) await wire.refuse('unauthorized')
    expect(credential.refreshes).toBe(1)
    expect(wire.attempts).toBe(2)
    expect(phase()).toBe('connecting')
  })

  test('that cannot be renewed stops everything until somebody signs in', async () => {
    await started()
    credential.outcome = 'refused'
    await wire.say(Problem, { code: 'revoked', message: 'signed out elsewhere', reconnect: false })
    await wire.drop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(link.state.getState()).toMatchObject({ phase: 'stopped', code: 'unauthorized' })
    const before = wire.attempts
    link.wake()
    await flush()
    expect(wire.attempts).toBe(before)

    credential.outcome = 'renewed'
    link.resume()
    await flush()
    await wire.accept()
    expect(phase()).toBe('up')
  })

  test('that expires is exchanged on the live connection', async () => {
    await started()
    await wire.say(Problem, { code: 'expiring', message: '', reconnect: true })
    expect(wire.last(Authenticate).payload).toEqual({ token: 'token-1' })
    await wire.last(Authenticate).reply({ ok: true })
    expect(phase()).toBe('up')
  })

  test('that is not taken on the live connection leads to a new one', async () => {
    await started()
    await wire.say(Problem, { code: 'expiring', message: '', reconnect: true })
    await wire.last(Authenticate).reply({ ok: false, error: { code: 'unauthorized', message: '' } })
    expect(phase()).toBe('connecting')
  })

  test('that a request finds refused is exchanged', async () => {
    await started()
    const answer = link.request('sendMessage', {})
    await wire.last('sendMessage').reply({ ok: false, error: { code: 'unauthorized', message: '' } })
    await answer
    expect(wire.count(Authenticate)).toBe(1)
  })
})

describe('what the server says before it closes', () => {
  test('draining: stay away for as long as it asks', async () => {
    await started()
    await wire.say(Draining, { reconnectAfter: 4 })
    const before = wire.attempts
    await wire.drop()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(wire.attempts).toBe(before)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(wire.attempts).toBe(before + 1)
  })

  test('slow: come back', async () => {
    await started()
    await wire.say(Problem, { code: 'slow', message: '', reconnect: true })
    await wire.drop()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(wire.attempts).toBe(2)
  })

  test('something that connecting again cannot help: stop and say so', async () => {
    await started()
    await wire.say(Problem, { code: 'tooMany', message: 'Too many tabs.', reconnect: false })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(link.state.getState()).toEqual({ phase: 'stopped', code: 'tooMany', message: 'Too many tabs.' })
    expect(wire.attempts).toBe(1)
  })
})

test('stop ends it for good', async () => {
  await started()
  link.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(wire.attempts).toBe(1)
})

test('a server that cannot be reached for a new token is tried again', async () => {
  credential.old = true
  credential.outcome = 'unreachable'
  link.start()
  await flush()
  expect(wire.attempts).toBe(0)
  credential.outcome = 'renewed'
  await vi.advanceTimersByTimeAsync(1_000)
  expect(wire.attempts).toBe(1)
})
