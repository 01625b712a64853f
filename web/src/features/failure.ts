import { CallError } from '../connection/rest'
import { speaksEnglish, type TextId, t } from '../text/text'

/** What the codes of the server mean, for people. Where a text is missing, nothing can be done about it. */
const meanings: Readonly<Record<string, TextId>> = {
  invalid: 'error.invalid',
  unauthorized: 'error.unauthorized',
  forbidden: 'error.forbidden',
  not_found: 'error.not_found',
  conflict: 'error.conflict',
  too_large: 'error.too_large',
  gone: 'error.gone',
  revoked: 'error.revoked',
  tooMany: 'error.tooMany',
}

/** Why a call, a message or a connection was refused. */
export interface Refusal {
  code: string
  /** The server's own words, in English. */
  message: string
  /** Seconds. */
  retryAfter?: number
}

/** Explain says what went wrong with a call, in words for people. */
export function explain(error: unknown): string {
  return error instanceof CallError ? reasonOf(error) : t('error.other')
}

/** ReasonOf says why something was refused. */
export function reasonOf(refusal: Refusal): string {
  const { code, retryAfter = 0 } = refusal
  if (code === 'offline' || code === 'unavailable') return t('error.offline')
  if (code === 'rate_limited' || code === 'busy')
    return t('error.limited', { count: Math.max(1, Math.ceil(retryAfter)) })
  return wordsOf(refusal, meanings[code] ?? 'error.other')
}

/** WordsOf is what the server says, which knows more, where it speaks the reader's language; else the given text. */
export function wordsOf({ message }: Refusal, otherwise: TextId): string {
  return (speaksEnglish() && message) || t(otherwise)
}
