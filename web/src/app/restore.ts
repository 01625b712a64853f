import { wait } from '../connection/backoff'
import type { Session } from '../connection/session'

const bounds = { first: 500, most: 10_000 }

/** Restore brings back the session after a reload, for as long as the server does not answer. */
export async function restore(session: Session): Promise<void> {
  for (let attempt = 0; (await session.restore()) === 'unreachable'; attempt++)
    await new Promise((resolve) => setTimeout(resolve, wait(attempt, bounds)))
}
