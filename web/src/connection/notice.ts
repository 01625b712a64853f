import type { Client, ClientState } from 'parley-client'
import { createStore, type StoreApi } from 'zustand/vanilla'

/** What people are told about the connection; `none` while there is nothing to say. */
export type Notice = 'none' | 'connecting' | 'offline' | 'back' | 'stopped'

/** IsCut says whether the connection has been gone for longer than a moment: what only the server knows is not known. */
export function isCut(notice: Notice): boolean {
  return notice !== 'none' && notice !== 'back'
}

/** A cut shorter than this, in milliseconds, is not worth a word. */
export const quietFor = 2_000
/** Without a connection for this long, in milliseconds, it is called offline. */
export const offlineAfter = 8_000
/** How long, in milliseconds, the return of the connection is shown. */
export const backFor = 2_000

/**
 * WatchNotice derives the notice from the state of the connection: nothing for the first
 * 2 s of a cut, then "connecting", "offline" when it lasts or the device has
 * no network, and for 2 s "back" when something was said before.
 */
export function watchNotice(
  client: Pick<Client, 'state' | 'watch'>,
  hasNetwork: () => boolean = () => navigator.onLine,
): { state: StoreApi<Notice>; stop(): void } {
  const state = createStore<Notice>(() => 'none')
  let timers: ReturnType<typeof setTimeout>[] = []
  let cut = false

  const say = (notice: Notice) => state.setState(notice, true)
  const clear = () => {
    for (const timer of timers) clearTimeout(timer)
    timers = []
  }
  const after = (delay: number, notice: () => Notice) => {
    timers.push(setTimeout(() => say(notice()), delay))
  }
  const follow = ({ phase }: ClientState) => {
    if (phase === 'ended') return clear()
    if (phase === 'stopped') {
      clear()
      cut = true
      say('stopped')
    } else if (phase === 'up') {
      clear()
      cut = false
      if (state.getState() === 'none') return
      say('back')
      after(backFor, () => 'none')
    } else if (!cut) {
      clear()
      cut = true
      after(quietFor, () => (hasNetwork() ? 'connecting' : 'offline'))
      after(offlineAfter, () => 'offline')
    } else if (state.getState() === 'stopped') {
      say('connecting')
    }
  }
  const unwatch = client.watch(follow)
  follow(client.state)
  return {
    state,
    stop() {
      unwatch()
      clear()
    },
  }
}
