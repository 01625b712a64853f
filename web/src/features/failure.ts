import { CallError } from '../connection/rest'
import { t } from '../text/text'

/** Explain says what went wrong with a call, in words for people. */
export function explain(error: unknown): string {
  if (!(error instanceof CallError)) return t('error.other')
  if (error.code === 'offline' || error.code === 'unavailable') return t('error.offline')
  if (error.code === 'rate_limited' || error.code === 'busy')
    return t('error.limited', { count: Math.max(1, Math.ceil(error.retryAfter)) })
  return error.message || t('error.other')
}
