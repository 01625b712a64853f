import { type ReactNode, useState } from 'react'
import { t } from '../text/text'
import { Button } from './Button'
import styles from './Confirm.module.css'
import { Dialog } from './Dialog'

interface Props {
  title: string
  children: ReactNode
  /** What is done, as the button says it. */
  action: string
  danger?: boolean
  /** Does it; what it throws is told, and the dialog stays. */
  act: () => Promise<void> | void
  explain: (error: unknown) => string
  onClose: () => void
}

/** Confirm asks before something that cannot be undone, or not easily. */
export function Confirm({ title, children, action, danger = false, act, explain, onClose }: Props) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const confirm = async () => {
    setBusy(true)
    setError('')
    try {
      await act()
      onClose()
    } catch (failure) {
      setBusy(false)
      setError(explain(failure))
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={styles.text}>{children}</div>
      <p className={styles.error} role="alert">
        {error}
      </p>
      <div className={styles.actions}>
        <Button onClick={onClose}>{t('dialog.cancel')}</Button>
        <Button look={danger ? 'danger' : 'primary'} busy={busy} data-focus onClick={() => void confirm()}>
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
