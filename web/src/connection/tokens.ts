import { Refused, type TokenSource } from 'parley-client'
import type { RefreshOutcome } from './session'

/** What is needed of the session. */
export interface Credential {
  token(): string
  stale(): boolean
  refresh(): Promise<RefreshOutcome>
}

/** TokensOf gives the client the session's access tokens, renewed when they are old or were refused. */
export function tokensOf(session: Credential): TokenSource {
  return async (refused) => {
    // Another request may have renewed it since.
    if (session.token() !== refused && !session.stale()) return session.token()
    switch (await session.refresh()) {
      case 'renewed':
        return session.token()
      case 'refused':
        throw new Refused({ code: 'unauthorized', message: 'The session has ended.' })
      case 'unreachable':
        throw new Error('the server cannot be reached')
    }
  }
}
