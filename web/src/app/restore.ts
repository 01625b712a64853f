import { Backoff } from 'parley-client'
import type { Session } from '../connection/session'

/**
 * Restore brings back the session after a reload, for as long as the server
 * does not answer. Where it is remembered who was signed in, their workspace is
 * open already, and its connection goes on asking.
 */
export async function restore(session: Session): Promise<void> {
  const wait = new Backoff(500, 10_000)
  while ((await session.restore()) === 'unreachable') {
    const state = session.state.getState()
    if (state.phase !== 'restoring' || state.user) return
    await new Promise((resolve) => setTimeout(resolve, wait.next()))
  }
}
