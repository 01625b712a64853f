import { CallError } from '../../connection/rest'
import { t } from '../../text/text'
import { reasonOf, wordsOf } from '../failure'

/** What the form is for: an existing account, a new one, the first owner's, or a new password. */
export type Purpose = 'signIn' | 'signUp' | 'setUp' | 'reset'

/** Errors of the form: by field, and of the form as a whole. */
export interface FormErrors {
  email?: string
  password?: string
  form?: string
}

const minPassword = 8
const maxPassword = 128

/** Check finds what the server would refuse, before it is asked. */
export function check(purpose: Purpose, email: string, password: string): FormErrors {
  const errors: FormErrors = {}
  if (purpose !== 'reset' && !/^[^\s@]+@[^\s@]+$/.test(email.trim())) errors.email = t('auth.error.email')
  const passwordError = purpose === 'signIn' ? presentPassword(password) : newPassword(email, password)
  if (passwordError) errors.password = passwordError
  return errors
}

function presentPassword(password: string): string | undefined {
  return password === '' ? t('auth.error.passwordMissing') : undefined
}

function newPassword(email: string, password: string): string | undefined {
  const length = [...password].length
  if (length < minPassword) return t('auth.error.passwordShort')
  if (length > maxPassword) return t('auth.error.passwordLong')
  if (password.toLowerCase() === email.trim().toLowerCase()) return t('auth.error.passwordIsEmail')
  return undefined
}

/** Explain puts the server's refusal beside what it is about. */
export function explain(purpose: Purpose, error: unknown): FormErrors {
  if (!(error instanceof CallError)) return { form: t('error.other') }
  switch (error.code) {
    case 'offline':
    case 'unavailable':
      return { form: t('error.offline') }
    case 'rate_limited':
    case 'busy':
      return { form: t('auth.error.limited', { count: Math.max(1, Math.ceil(error.retryAfter)) }) }
    case 'conflict':
      return { email: t('auth.error.taken') }
    case 'unauthorized':
      return purpose === 'signIn'
        ? { password: t('auth.error.wrong') }
        : { form: wordsOf(error, 'auth.error.link') }
    case 'invalid':
      if (purpose === 'signIn') return { password: t('auth.error.wrong') }
      return /password/i.test(error.message)
        ? { password: wordsOf(error, 'auth.error.passwordRefused') }
        : { email: wordsOf(error, 'auth.error.email') }
    default:
      return { form: reasonOf(error) }
  }
}
