import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { t } from '../text/text'
import { IconButton } from './Button'
import styles from './Dialog.module.css'
import { opened } from './front'

interface Props {
  title: ReactNode
  /** Called when the person closes it; without it the dialog stays until it is taken away. */
  onClose?: () => void
  /** `top` stands near the top edge, `sheet` at the side, on phones at the bottom, `foot` at the bottom always. */
  place?: 'middle' | 'top' | 'sheet' | 'foot'
  /** The title is for assistive technology only. */
  untitled?: boolean
  children: ReactNode
}

/**
 * Dialog is a modal dialog on the browser's own element, which keeps the focus
 * inside, makes the page behind it inert and gives the focus back. It begins
 * at the element marked `data-focus`, else at the first one.
 */
export function Dialog({ title, onClose, place = 'middle', untitled = false, children }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  const titleId = useId()

  useEffect(() => {
    const dialog = element.current
    const opener = document.activeElement
    dialog?.showModal()
    dialog?.querySelector<HTMLElement>('[data-focus]')?.focus()
    const gone = dialog && opened(dialog)
    return () => {
      gone?.()
      dialog?.close()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes it; the click is for the backdrop.
    <dialog
      ref={element}
      aria-labelledby={titleId}
      className={`${styles.dialog} ${styles[place]}`}
      onCancel={(event) => {
        event.preventDefault()
        // React passes on what happened to a dialog inside this one.
        if (event.target === element.current) onClose?.()
      }}
      onClick={(event) => event.target === element.current && onClose?.()}
    >
      <div className={styles.body}>
        <header className={untitled ? 'visually-hidden' : styles.header}>
          <h2 id={titleId}>{title}</h2>
          {onClose && !untitled && (
            <IconButton label={t('dialog.close')} onClick={onClose}>
              <X size={18} aria-hidden />
            </IconButton>
          )}
        </header>
        {children}
      </div>
    </dialog>
  )
}
