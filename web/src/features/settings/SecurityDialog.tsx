import { LogOut, MonitorSmartphone, Trash2 } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { CallError } from '../../connection/rest'
import { Button, IconButton } from '../../design/Button'
import { Confirm } from '../../design/Confirm'
import { Dialog } from '../../design/Dialog'
import { Field } from '../../design/Field'
import type { SessionInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { shortTime } from '../../text/time'
import { explain } from '../failure'
import { tell, warn } from '../notices/toast'
import { useWorkspace } from '../workspace'
import { deviceOf } from './device'
import styles from './ProfileDialog.module.css'

/** SecurityDialog is the password, the sessions, and the end of the account. */
export function SecurityDialog({ onClose }: { onClose: () => void }) {
  const [deleting, setDeleting] = useState(false)
  const [password, setPassword] = useState('')
  const { session } = useWorkspace()
  return (
    <Dialog title={t('security.title')} onClose={onClose}>
      <PasswordForm />
      <Sessions />
      <div className={styles.ends}>
        <Button onClick={() => setDeleting(true)}>
          <Trash2 size={16} aria-hidden />
          {t('security.delete')}
        </Button>
      </div>
      {deleting && (
        <Confirm
          title={t('security.deleteTitle')}
          action={t('security.delete')}
          danger
          act={() => session.deleteAccount(password)}
          explain={(failure) => (isWrong(failure) ? t('security.presentWrong') : explain(failure))}
          onClose={() => setDeleting(false)}
        >
          <p>{t('security.deleteText')}</p>
          <Field
            label={t('security.present')}
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Confirm>
      )}
    </Dialog>
  )
}

function PasswordForm() {
  const { session, user } = useWorkspace()
  const [present, setPresent] = useState('')
  const [wanted, setWanted] = useState('')
  const [error, setError] = useState<{ present?: string; wanted?: string }>({})
  const [busy, setBusy] = useState(false)

  const change = async (event: FormEvent) => {
    event.preventDefault()
    if (present === '') return setError({ present: t('auth.error.passwordMissing') })
    if ([...wanted].length < 8) return setError({ wanted: t('auth.error.passwordShort') })
    setBusy(true)
    setError({})
    try {
      await session.changePassword({ present, wanted })
      setPresent('')
      setWanted('')
      tell(t('security.changed'))
    } catch (failure) {
      setError(isWrong(failure) ? { present: t('security.presentWrong') } : { wanted: explain(failure) })
    }
    setBusy(false)
  }

  return (
    <form onSubmit={change} noValidate className={styles.form}>
      <input type="hidden" autoComplete="username" value={user.email} />
      <Field
        label={t('security.present')}
        type="password"
        autoComplete="current-password"
        error={error.present}
        value={present}
        onChange={(event) => setPresent(event.target.value)}
      />
      <Field
        label={t('security.wanted')}
        type="password"
        autoComplete="new-password"
        hint={t('auth.passwordRule')}
        error={error.wanted}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      <Button type="submit" look="primary" busy={busy} className={styles.save}>
        {t('security.change')}
      </Button>
    </form>
  )
}

function Sessions() {
  const { session } = useWorkspace()
  const [list, setList] = useState<readonly SessionInfo[]>([])

  useEffect(() => {
    session
      .sessions()
      .then(setList)
      .catch((failure) => warn(explain(failure)))
  }, [session])

  const end = async (task: () => Promise<void>) => {
    try {
      await task()
      setList(await session.sessions())
    } catch (failure) {
      warn(explain(failure))
    }
  }

  return (
    <section aria-labelledby="sessions">
      <h3 id="sessions" className={styles.heading}>
        {t('security.sessions')}
      </h3>
      <ul>
        {list.map(({ id, present, userAgent, usedAt }) => (
          <li key={id} className={styles.session}>
            <MonitorSmartphone size={18} aria-hidden />
            <span className={styles.device}>
              {present || !userAgent ? (
                <span>{t(present ? 'security.thisOne' : 'security.unknown')}</span>
              ) : (
                <bdi title={userAgent}>{deviceOf(userAgent)}</bdi>
              )}
              <span className={styles.when}>{t('security.used', { time: shortTime(usedAt) })}</span>
            </span>
            {!present && (
              <IconButton label={t('security.end')} onClick={() => void end(() => session.endSession(id))}>
                <LogOut size={16} aria-hidden />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      {list.length > 1 && (
        <Button look="quiet" onClick={() => void end(() => session.endOtherSessions())}>
          {t('security.endOthers')}
        </Button>
      )}
    </section>
  )
}

/** The password given was not the right one. */
function isWrong(failure: unknown): boolean {
  return failure instanceof CallError && (failure.code === 'forbidden' || failure.code === 'unauthorized')
}
