import { expect, test } from 'vitest'
import { flush } from '../../testing/defer'
import { type Locks, Pages } from './pages'

interface Request {
  name: string
  mode: LockMode
  grant(): void
}

/** The locks of a browser, in the order in which they were asked for. */
class FakeLocks {
  held: Request[] = []
  pending: Request[] = []

  readonly locks = {
    request: (
      name: string,
      { mode, signal }: { mode: LockMode; signal: AbortSignal },
      act: () => Promise<void> | undefined,
    ) =>
      new Promise<void>((done, fail) => {
        const request: Request = {
          name,
          mode,
          grant: () => {
            this.pending = this.pending.filter((other) => other !== request)
            this.held.push(request)
            void Promise.resolve(act()).then(() => {
              this.held = this.held.filter((other) => other !== request)
              this.#grant()
              done()
            })
          },
        }
        this.pending.push(request)
        signal.addEventListener('abort', () => {
          if (!this.pending.includes(request)) return
          this.pending = this.pending.filter((other) => other !== request)
          fail(signal.reason)
        })
        this.#grant()
      }),
    query: async () => ({ held: this.held, pending: this.pending }),
  } as unknown as Locks

  #grant(): void {
    for (const request of this.pending) {
      const others = this.held.filter(({ name }) => name === request.name)
      const free = others.every(({ mode }) => mode === 'shared' && request.mode === 'shared')
      if (free) request.grant()
    }
  }
}

test('one page of a person tells, and the next one when that is closed', async () => {
  const { locks } = new FakeLocks()
  const [first, second, stranger] = [new Pages(1, locks), new Pages(1, locks), new Pages(2, locks)]
  await flush()
  expect([first.teller, second.teller, stranger.teller]).toEqual([true, false, true])
  first.close()
  await flush()
  expect([first.teller, second.teller]).toEqual([false, true])
  const third = new Pages(1, locks)
  second.close()
  await flush()
  expect(third.teller).toBe(true)
})

test('a page that was closed before its turn does not get it', async () => {
  const { locks } = new FakeLocks()
  const [first, second, third] = [new Pages(1, locks), new Pages(1, locks), new Pages(1, locks)]
  second.close()
  first.close()
  await flush()
  expect([first.teller, second.teller, third.teller]).toEqual([false, false, true])
})

test('every page knows what any of them looks at, for as long as it does', async () => {
  const fake = new FakeLocks()
  const [first, second] = [new Pages(1, fake.locks), new Pages(1, fake.locks)]
  const looked = async () => [...(await first.lookedAt([7, 8, 9]))]
  second.look(7)
  first.look(7)
  await flush()
  expect(await looked()).toEqual([7])
  second.look(8)
  await flush()
  expect(await looked()).toEqual([7, 8])
  first.look(undefined)
  second.look(8)
  await flush()
  expect(await looked()).toEqual([8])
  second.close()
  await flush()
  expect(await looked()).toEqual([])
  expect(await new Pages(2, fake.locks).lookedAt([8])).toEqual(new Set())
})

test('without locks, and where the browser refuses them, a page is alone', async () => {
  const refusing = {
    request: () => Promise.reject(new Error('refused')),
    query: () => Promise.reject(new Error('refused')),
  } as unknown as Locks
  for (const locks of [null, refusing]) {
    const page = new Pages(1, locks)
    await flush()
    page.look(7)
    expect(page.teller).toBe(true)
    expect(await page.lookedAt([7, 8])).toEqual(new Set([7]))
    page.close()
    expect(page.teller).toBe(false)
  }
})
