import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Session, SessionState } from '../connection/session'
import { type LastSeen, type Server, Workspace } from '../conversation/workspace'
import { takeAway } from '../features/notifications/standing'
import type { Self } from '../protocol/types'

/** The database in which a device keeps what its person has seen, see conversation/shelf.ts. */
export const shelfName = 'parley'

/** How long, in milliseconds, what was last seen is waited for behind the server's answer, and without one: then there is nothing else to show. */
const patience = { answered: 1_000, silent: 10_000 }

/**
 * CurrentWorkspace keeps the workspace of whoever is signed in: started at
 * sign-in, or, with what was last seen, as soon as it is remembered who was;
 * stopped at sign-out, kept while an ended session is renewed.
 */
export function currentWorkspace(
  session: Session,
  server: Server,
  storage: Storage,
): StoreApi<Workspace | undefined> {
  const current = createStore<Workspace | undefined>(() => undefined)
  let wanted: number | undefined
  const open = (user: Self, lastSeen?: LastSeen) => {
    const workspace = new Workspace(user, session, server, storage, lastSeen)
    workspace.start()
    current.setState(workspace, true)
    // Without it nothing is kept, which nobody needs to be told.
    import('../conversation/shelving')
      .then(({ keep }) => current.getState() === workspace && keep(workspace, shelfName))
      .catch(() => undefined)
  }
  const follow = (state: SessionState) => {
    if (state.phase === 'out' || state.phase === 'expired') wipe()
    const user = state.phase === 'out' ? undefined : state.user
    if (user?.id === wanted) return
    wanted = user?.id
    current.getState()?.stop()
    current.setState(undefined, true)
    if (!user) return
    if (state.phase !== 'restoring') return open(user)
    void lastSeen(user.id, session).then((seen) => {
      if (wanted === user.id) open(user, seen)
    })
  }
  session.state.subscribe(follow)
  follow(session.state.getState())
  return current
}

/** What the person has seen on this device; undefined when that is not known in time. */
async function lastSeen(userId: number, session: Session): Promise<LastSeen | undefined> {
  const late = new Promise<undefined>((resolve) => {
    const giveUp = () => resolve(undefined)
    setTimeout(giveUp, patience.silent)
    const end = session.state.subscribe(() => {
      end()
      setTimeout(giveUp, patience.answered)
    })
  })
  const seen = import('../conversation/shelf').then(({ Shelf }) => new Shelf(shelfName).load(userId))
  return Promise.race([seen.catch(() => undefined), late])
}

/** Lets go of what is kept, in all pages of this device, and of what stands outside of them: whoever comes next must not read it. */
function wipe(): void {
  void takeAway()
  try {
    indexedDB.deleteDatabase(shelfName)
  } catch {
    // Forbidden: then nothing is kept either.
  }
}
