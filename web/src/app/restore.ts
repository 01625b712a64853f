import { Backoff } from 'parley-client'
import type { Session } from '../connection/session'

/** Restore brings back the session after a reload, for as long as the server does not answer. */
export async function restore(session: Session): Promise<void> {
  const wait = new Backoff(500, 10_000)
  while ((await session.restore()) === 'unreachable')
    await new Promise((resolve) => setTimeout(resolve, wait.next()))
}
