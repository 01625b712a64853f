import type { ErrorInfo } from '../protocol/types'

/**
 * Outgoing is one message on its way. Its life:
 *
 *     waiting ──begin──▶ sending ──ok──▶ sent (its event replaces it)
 *        ▲                  │
 *        ├──again── busy, unknown, rate_limited, unavailable, lost connection
 *        │                  └──final code──▶ failed ──retry──▶ a new message
 *
 * Until the answer is ok or a final code, the same cid is sent again.
 */
export interface Outgoing {
  cid: string
  roomId: number
  text: string
  /** When the person sent it, ms UTC; shown until the server's time is known. */
  at: number
  phase: 'waiting' | 'sending' | 'sent' | 'failed'
  /** A copy may have reached the server: the next try says retry. */
  tried: boolean
  /** Of a sent one: its place in the room. */
  seq?: number
  /** Of a failed one: why. */
  error?: ErrorInfo
}

/** After these codes the message has no effect, now or ever; the cid is used up. */
const finalCodes = new Set([
  'invalid',
  'forbidden',
  'not_found',
  'conflict',
  'cid_conflict',
  'too_large',
  'gone',
])

export function isFinal(code: string): boolean {
  return finalCodes.has(code)
}

/** Begin is the message in the moment before it is handed to the connection. */
export function begin(message: Outgoing): Outgoing {
  return { ...message, phase: 'sending', tried: true }
}

/** Again is the message after an answer, or a silence, that leaves its fate open. */
export function again(message: Outgoing): Outgoing {
  return { ...message, phase: 'waiting' }
}

export function sent(message: Outgoing, seq: number): Outgoing {
  return { ...message, phase: 'sent', seq }
}

export function failed(message: Outgoing, error: ErrorInfo): Outgoing {
  return { ...message, phase: 'failed', error }
}

/** Reloaded is the message as a new page finds it: nothing is under way any more. */
export function reloaded(message: Outgoing): Outgoing {
  return message.phase === 'sending' ? again(message) : message
}

/** Whether the message can be taken back: nothing of it can have reached the server. */
export function canDelete(message: Outgoing): boolean {
  return message.phase === 'failed' || (message.phase === 'waiting' && !message.tried)
}
