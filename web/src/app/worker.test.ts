import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const origin = 'https://chat.example'
const script = readFileSync(new URL('../../public/sw.js', import.meta.url), 'utf8')

/** What a window does when it is told where a notification leads. */
type Answers = 'goes' | 'is silent' | 'is gone'

/** A channel whose messages come at once: how long one takes must not decide a test. */
class Channel {
  readonly port1: { onmessage?: () => void } = {}
  readonly port2 = { postMessage: () => this.port1.onmessage?.() }
}

/** A window of the browser; done collects what happens to windows, in its order. */
function windowAt(path: string, answers: Answers, done: string[]) {
  const name = path
  return {
    url: origin + path,
    focus: async () => {
      done.push(`focus ${name}`)
      if (answers === 'is gone') throw new TypeError('no such window')
    },
    postMessage: ({ kind, address }: { kind: string; address?: string }, [port]: Channel['port2'][]) => {
      done.push(`tell ${name} ${kind} ${address}`)
      if (answers === 'goes') port?.postMessage()
    },
    navigate: async (address: string) => {
      done.push(`load ${address} in ${name}`)
      if (answers === 'is gone') throw new TypeError('no such window')
      return {}
    },
  }
}

/** Press runs the worker in a browser with these windows, presses a notification, and returns what happened. */
async function press(data: unknown, windows: Record<string, Answers>): Promise<string[]> {
  const done: string[] = []
  const listeners = new Map<string, (event: object) => void>()
  const self = {
    location: { origin },
    addEventListener: (name: string, act: (event: object) => void) => listeners.set(name, act),
    clients: {
      matchAll: async ({ type, includeUncontrolled }: ClientQueryOptions) =>
        type === 'window' && includeUncontrolled
          ? Object.entries(windows).map(([path, answers]) => windowAt(path, answers, done))
          : [],
      openWindow: async (address: string) => done.push(`open ${address}`),
    },
  }
  runInNewContext(script, { self, URL, MessageChannel: Channel, setTimeout })
  let work: Promise<unknown> = Promise.resolve()
  listeners.get('notificationclick')?.({
    notification: { data, close: () => done.push('close') },
    waitUntil: (promise: Promise<unknown>) => {
      work = promise
    },
  })
  // A window that is silent is waited for, but not for ever.
  await vi.runAllTimersAsync()
  await work
  return done
}

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

const message = { address: '/r/7/m/12' }

test('U-70 a press closes the notification, and the window that was in front last goes to the message', async () => {
  expect(await press(message, { '/r/3': 'goes', '/r/7': 'goes' })).toEqual([
    'close',
    'focus /r/3',
    'tell /r/3 pressed /r/7/m/12',
  ])
})

test('U-70 without a window of the client, one is opened there', async () => {
  expect(await press(message, {})).toEqual(['close', 'open /r/7/m/12'])
  expect(await press(message, { '/api/docs': 'goes' })).toEqual(['close', 'open /r/7/m/12'])
})

test('U-70 a window that does not answer is loaded anew, and one that is gone is passed over', async () => {
  expect(await press(message, { '/': 'is silent' })).toEqual([
    'close',
    'focus /',
    'tell / pressed /r/7/m/12',
    'load /r/7/m/12 in /',
  ])
  expect(await press(message, { '/': 'is gone' })).toEqual([
    'close',
    'focus /',
    'tell / pressed /r/7/m/12',
    'load /r/7/m/12 in /',
    'open /r/7/m/12',
  ])
})

test('U-70 what tells of several rooms leads to the window, and to none of them', async () => {
  expect(await press({}, { '/r/3': 'goes' })).toEqual(['close', 'focus /r/3', 'tell /r/3 pressed undefined'])
  expect(await press(undefined, {})).toEqual(['close', 'open /'])
})

test.each([
  'https://elsewhere.example/r/7',
  '//elsewhere.example/r/7',
  'javascript:alert(1)',
  '/api/v1/logout',
  '/r/7/../../api',
  ' /r/7',
  '/r/7\n',
  7,
])('U-70 a press leads nowhere but to rooms of the same origin: %j', async (address) => {
  expect(await press({ address }, {})).toEqual(['close', 'open /'])
})
