import type { StoreApi } from 'zustand/vanilla'
import { type Session, signedInKey } from '../connection/session'
import { watchSleep } from '../connection/sleep'
import type { Workspace } from '../conversation/workspace'

/** WatchPage passes on what happens to the page: network, focus, sleep, other tabs. */
export function watchPage(session: Session, current: StoreApi<Workspace | undefined>): void {
  const comeBack = () => {
    const workspace = current.getState()
    if (document.visibilityState === 'hidden') return workspace?.drafts.flush()
    if (!workspace) return
    workspace.client.wake()
    void workspace.refresh()
  }
  window.addEventListener('online', comeBack)
  window.addEventListener('focus', comeBack)
  document.addEventListener('visibilitychange', comeBack)
  watchSleep((slept) => slept && comeBack())
  window.addEventListener('pagehide', () => {
    current.getState()?.reads.flush()
    current.getState()?.drafts.flush()
  })
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === null) return
    if (key === signedInKey && newValue === null) session.end()
    current.getState()?.storageChanged(key, newValue)
  })
}
