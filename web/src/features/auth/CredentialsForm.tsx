import { Eye, EyeOff } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Session } from '../../connection/session'
import { Button, IconButton } from '../../design/Button'
import { Field } from '../../design/Field'
import { t, useLanguage } from '../../text/text'
import styles from './CredentialsForm.module.css'
import { check, explain, type FormErrors, type Purpose } from './credentials'

interface Props {
  session: Session
  purpose: Purpose
  /** The address is known and cannot be changed: signing in again. */
  email?: string
  /** Of the link that brought the person here. */
  token?: string
  onDone?: (() => void) | undefined
}

/** CredentialsForm signs a person in or up. Errors stand beside their field, and the first one gets the focus. */
export function CredentialsForm({ session, purpose, email: known, token = '', onDone }: Props) {
  const [email, setEmail] = useState(known ?? '')
  const [password, setPassword] = useState('')
  const [shown, setShown] = useState(false)
  const [errors, setErrors] = useState<FormErrors>({})
  const [busy, setBusy] = useState(false)
  const emailInput = useRef<HTMLInputElement>(null)
  const passwordInput = useRef<HTMLInputElement>(null)

  // What was said in another language is said again when it is still so.
  const language = useLanguage()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the language is what it is for.
  useEffect(() => setErrors({}), [language])

  const show = (found: FormErrors) => {
    setErrors(found)
    if (found.email) emailInput.current?.focus()
    else if (found.password) passwordInput.current?.select()
    return Object.keys(found).length > 0
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || show(check(purpose, email, password))) return
    setBusy(true)
    try {
      await send(session, purpose, { email: email.trim(), password, token })
      onDone?.()
    } catch (error) {
      setBusy(false)
      show(explain(purpose, error))
    }
  }

  const fresh = purpose !== 'signIn'
  const toggle = shown ? t('auth.hidePassword') : t('auth.showPassword')
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {purpose !== 'reset' && (
        <Field
          label={t('auth.email')}
          type="email"
          name="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          readOnly={known !== undefined}
          autoFocus={known === undefined}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={errors.email}
          inputRef={emailInput}
        />
      )}
      <Field
        label={t('auth.password')}
        type={shown ? 'text' : 'password'}
        name="password"
        autoComplete={fresh ? 'new-password' : 'current-password'}
        autoCapitalize="none"
        spellCheck={false}
        autoFocus={purpose === 'reset'}
        data-focus={known !== undefined || undefined}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        hint={fresh ? t('auth.passwordRule') : undefined}
        error={errors.password}
        inputRef={passwordInput}
        end={
          <IconButton label={toggle} aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
          </IconButton>
        }
      />
      <Button type="submit" look="primary" busy={busy} className={styles.submit}>
        {t(busy ? `auth.${purpose}.busy` : `auth.${purpose}.submit`)}
      </Button>
      <p className={styles.error} role="alert">
        {errors.form}
      </p>
    </form>
  )
}

/** Send makes the call that the form is for. */
function send(
  session: Session,
  purpose: Purpose,
  { email, password, token }: { email: string; password: string; token: string },
): Promise<void> {
  switch (purpose) {
    case 'signIn':
      return session.signIn({ email, password })
    case 'signUp':
      return session.register(token ? { email, password, invite: token } : { email, password })
    case 'setUp':
      return session.setUp({ email, password, token })
    case 'reset':
      return session.reset({ password, token })
  }
}
