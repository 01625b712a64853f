import type { ErrorInfo } from './protocol.js'

/** After these codes the same request will never succeed; a cid is used up. */
const finalCodes = new Set([
  'invalid',
  'forbidden',
  'not_found',
  'conflict',
  'cid_conflict',
  'too_large',
  'gone',
])

/** IsFinal reports whether a request that was refused with this code will never succeed. */
export function isFinal(code: string): boolean {
  return finalCodes.has(code)
}

/** Refused is what the server said no to, on the socket or over REST. */
export class Refused extends Error {
  readonly code: string
  /** Seconds to wait before asking again; 0 when none were named. */
  readonly retryAfter: number

  constructor({ code, message, retryAfter }: ErrorInfo) {
    super(message)
    this.name = 'Refused'
    this.code = code
    this.retryAfter = retryAfter ?? 0
  }

  /** Whether the same request will never succeed. */
  get final(): boolean {
    return isFinal(this.code)
  }

  /** Whether the token is the reason. */
  get unauthorized(): boolean {
    return this.code === 'unauthorized' || this.code === 'revoked'
  }
}

/** Ended is why a room, or the whole client, is not used any more. */
export class Ended extends Error {
  /** `closed` on this side, or `removed`: the person may not read the room any more. */
  readonly reason: 'closed' | 'removed'

  constructor(reason: 'closed' | 'removed') {
    super(reason === 'closed' ? 'It was closed.' : 'The person is not in the room any more.')
    this.name = 'Ended'
    this.reason = reason
  }
}

/**
 * Undecided is the end of something that was on its way when its room ended:
 * it may have happened. Sending it again in the same room, with the same cid and
 * `retry`, finds out.
 */
export class Undecided extends Error {
  readonly cid: string

  constructor(cid: string, cause: Error) {
    super('It is not known whether this took effect.', { cause })
    this.name = 'Undecided'
    this.cid = cid
  }
}
