import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Session } from '../connection/session'
import { type Server, Workspace } from '../conversation/workspace'

/**
 * CurrentWorkspace keeps the workspace of whoever is signed in: started at
 * sign-in, stopped at sign-out, kept while an ended session is renewed.
 */
export function currentWorkspace(
  session: Session,
  server: Server,
  storage: Storage,
): StoreApi<Workspace | undefined> {
  const current = createStore<Workspace | undefined>(() => undefined)
  const follow = () => {
    const state = session.state.getState()
    const user = state.phase === 'in' || state.phase === 'expired' ? state.user : undefined
    const present = current.getState()
    if (user?.id === present?.user.id) return
    present?.stop()
    const next = user && new Workspace(user, session, server, storage)
    next?.start()
    current.setState(next, true)
  }
  session.state.subscribe(follow)
  follow()
  return current
}
