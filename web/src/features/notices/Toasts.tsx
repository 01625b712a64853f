import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { IconButton } from '../../design/Button'
import { t } from '../../text/text'
import styles from './Toasts.module.css'
import { dismiss, staysFor, type Toast, toasts } from './toasts'

/** Toasts shows what was just done, above everything; pointing at one, or being in it, keeps it. */
export function Toasts() {
  const list = useStore(toasts)
  return (
    <div className={styles.place}>
      <div role="status" className={styles.list}>
        {list
          .filter(({ failed }) => !failed)
          .map((toast) => (
            <One key={toast.id} toast={toast} />
          ))}
      </div>
      <div role="alert" className={styles.list}>
        {list
          .filter(({ failed }) => failed)
          .map((toast) => (
            <One key={toast.id} toast={toast} />
          ))}
      </div>
    </div>
  )
}

function One({ toast }: { toast: Toast }) {
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (held) return
    const timer = setTimeout(() => dismiss(toast.id), staysFor)
    return () => clearTimeout(timer)
  }, [held, toast.id])
  const Icon = toast.failed ? CircleAlert : CircleCheck
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only keeps it.
    <div
      className={toast.failed ? `${styles.toast} ${styles.failed}` : styles.toast}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={17} aria-hidden />
      <span>{toast.text}</span>
      <IconButton label={t('dialog.close')} onClick={() => dismiss(toast.id)}>
        <X size={15} aria-hidden />
      </IconButton>
    </div>
  )
}
