import { type FormEvent, useState } from 'react'
import { CallError } from '../../connection/rest'
import { Avatar } from '../../design/Avatar'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { Field } from '../../design/Field'
import { t } from '../../text/text'
import { explain } from '../failure'
import { tell } from '../notices/toast'
import { PictureDialog } from '../rooms/dialogs'
import { useSelf, useWorkspace } from '../workspace'
import styles from './ProfileDialog.module.css'

const longestName = 64

/** ProfileDialog changes how the person is called. */
export function ProfileDialog({ onClose }: { onClose: () => void }) {
  const { session } = useWorkspace()
  const user = useSelf()
  const [name, setName] = useState(user.name)
  const [handle, setHandle] = useState(user.handle)
  const [error, setError] = useState<{ name?: string; handle?: string; form?: string }>({})
  const [busy, setBusy] = useState(false)
  const [picturing, setPicturing] = useState(false)

  const save = async (event: FormEvent) => {
    event.preventDefault()
    const length = [...name.trim()].length
    if (length === 0 || length > longestName) return setError({ name: t('profile.nameRule') })
    if (!/^[a-z0-9._-]{2,32}$/.test(handle.trim())) return setError({ handle: t('profile.handleRule') })
    setBusy(true)
    setError({})
    try {
      await session.changeProfile({ name: name.trim(), handle: handle.trim() })
      tell(t('profile.saved'))
      onClose()
    } catch (failure) {
      const taken = failure instanceof CallError && failure.code === 'conflict'
      setError(taken ? { handle: t('profile.handleTaken') } : { form: explain(failure) })
      setBusy(false)
    }
  }

  return (
    <Dialog title={t('profile.title')} onClose={onClose}>
      <form onSubmit={save} noValidate className={styles.form}>
        <div className={styles.face}>
          <Avatar id={user.id} name={name || user.name} />
          <bdi>{user.email}</bdi>
          <Button onClick={() => setPicturing(true)}>{t('picture.change')}</Button>
        </div>
        <Field
          label={t('profile.name')}
          hint={t('profile.nameRule')}
          error={error.name}
          value={name}
          onChange={(event) => setName(event.target.value)}
          autoComplete="name"
          data-focus
          dir="auto"
        />
        <Field
          label={t('profile.handle')}
          hint={t('profile.handleRule')}
          error={error.handle}
          value={handle}
          onChange={(event) => setHandle(event.target.value.toLowerCase())}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <p role="alert" className={styles.error}>
          {error.form}
        </p>
        <Button type="submit" look="primary" busy={busy} className={styles.save}>
          {t('settings.save')}
        </Button>
      </form>
      {picturing && <PictureDialog onClose={() => setPicturing(false)} />}
    </Dialog>
  )
}
