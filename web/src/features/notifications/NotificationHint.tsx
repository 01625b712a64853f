import { BellRing } from 'lucide-react'
import { useId } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../design/Button'
import { t } from '../../text/text'
import styles from './NotificationHint.module.css'
import { askPermission, permission } from './permission'
import { missed } from './teller'
import { want, wanted } from './wanted'

/** NotificationHint offers notifications, once, to somebody who has missed something for want of them. */
export function NotificationHint() {
  const id = useId()
  const may = useStore(permission)
  const { hinted } = useStore(wanted)
  const shown = useStore(missed)
  if (may !== 'default' || hinted || !shown) return null
  const close = () => want({ hinted: true })
  return (
    <div role="group" className={styles.hint} aria-labelledby={id}>
      <BellRing size={17} aria-hidden />
      <p id={id}>{t('notify.hint')}</p>
      <div className={styles.actions}>
        <Button
          look="primary"
          onClick={() => {
            close()
            void askPermission()
          }}
        >
          {t('notify.turnOn')}
        </Button>
        <Button look="quiet" onClick={close}>
          {t('notify.later')}
        </Button>
      </div>
    </div>
  )
}
