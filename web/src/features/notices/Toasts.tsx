import { ArrowUp, CircleAlert, CircleCheck, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { useStore } from 'zustand'
import { Button, IconButton } from '../../design/Button'
import { dialogs } from '../../design/front'
import { t } from '../../text/text'
import { useAttention } from '../conversation/useAttention'
import styles from './Toasts.module.css'
import { dismiss, staysFor, type Toast, toasts } from './toast'
import { useApart } from './useApart'

/**
 * Toasts shows what was just done, above everything: in the dialog in front,
 * because nothing outside of it can be reached. Pointing at one, being in it,
 * or looking elsewhere keeps it.
 */
export function Toasts() {
  const front = useStore(dialogs).at(-1)
  useApart()
  return createPortal(<Regions />, front ?? document.body)
}

/** Regions with words in them are not read out when they come; words that come into them are. So many milliseconds lie between. */
const settling = 100

function Regions() {
  const list = useStore(toasts)
  const [settled, setSettled] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), settling)
    return () => clearTimeout(timer)
  }, [])
  const shown = settled ? list : []
  return (
    <div className={styles.place}>
      <div role="status" className={styles.list}>
        {shown
          .filter(({ failed }) => !failed)
          .map((toast) => (
            <One key={toast.id} toast={toast} />
          ))}
      </div>
      <div role="alert" className={styles.list}>
        {shown
          .filter(({ failed }) => failed)
          .map((toast) => (
            <One key={toast.id} toast={toast} />
          ))}
      </div>
    </div>
  )
}

function One({ toast }: { toast: Toast }) {
  const [pointed, setPointed] = useState(false)
  const [focused, setFocused] = useState(false)
  const held = !useAttention() || pointed || focused
  useEffect(() => {
    if (held || toast.action) return
    const timer = setTimeout(() => dismiss(toast.id), staysFor)
    return () => clearTimeout(timer)
  }, [held, toast.id, toast.action])
  const Icon = toast.failed ? CircleAlert : toast.action ? ArrowUp : CircleCheck
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only keeps it.
    <div
      className={toast.failed ? `${styles.toast} ${styles.failed}` : styles.toast}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <Icon size={17} aria-hidden />
      <span>{toast.text}</span>
      {toast.action && (
        <Button look="quiet" onClick={toast.action.act}>
          {toast.action.label}
        </Button>
      )}
      <IconButton label={t('dialog.close')} onClick={() => dismiss(toast.id)}>
        <X size={15} aria-hidden />
      </IconButton>
    </div>
  )
}
