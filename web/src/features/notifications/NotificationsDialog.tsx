import { Bell, Volume2 } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { Field } from '../../design/Field'
import { t } from '../../text/text'
import { useOwnStatus } from '../workspace'
import { chime } from './chime'
import styles from './NotificationsDialog.module.css'
import { askPermission, permission } from './permission'
import { want, wanted } from './wanted'

/** NotificationsDialog is whether, when and how this device tells of what comes. */
export function NotificationsDialog({ onClose }: { onClose: () => void }) {
  const may = useStore(permission)
  const { status } = useOwnStatus()
  const { on } = useStore(wanted)
  return (
    <Dialog title={t('notify.title')} onClose={onClose}>
      <div className={styles.parts}>
        {may === 'granted' ? (
          <Check checked={on} onChange={(on) => want({ on })}>
            {t('notify.on')}
          </Check>
        ) : (
          <NotYet permission={may} />
        )}
        {status === 'dnd' && <p className={styles.word}>{t('notify.dnd')}</p>}
        <p className={styles.word}>{t('notify.levels')}</p>
        {may === 'granted' && (
          <fieldset disabled={!on} className={styles.parts}>
            <How />
            <Quiet />
          </fieldset>
        )}
      </div>
    </Dialog>
  )
}

/** NotYet says what stands between the person and notifications, and asks the browser when they say so. */
function NotYet({ permission }: { permission: 'default' | 'denied' | 'impossible' }) {
  if (permission !== 'default')
    return (
      <p role="status" className={styles.word}>
        {t(permission === 'denied' ? 'notify.denied' : 'notify.impossible')}
      </p>
    )
  return (
    <>
      <p>{t('notify.reason')}</p>
      <Button look="primary" data-focus onClick={() => void askPermission()}>
        <Bell size={16} aria-hidden />
        {t('notify.turnOn')}
      </Button>
    </>
  )
}

function How() {
  const { hide, sound, volume } = useStore(wanted)
  const id = useId()
  return (
    <>
      <Check checked={hide} onChange={(hide) => want({ hide })}>
        {t('notify.hide')}
      </Check>
      <Check checked={sound} onChange={(sound) => want({ sound })}>
        {t('notify.sound')}
      </Check>
      {sound && (
        <div className={styles.volume}>
          <label htmlFor={id}>{t('notify.volume')}</label>
          <input
            id={id}
            type="range"
            min={5}
            max={100}
            step={5}
            value={Math.round(volume * 100)}
            onChange={({ target }) => want({ volume: target.valueAsNumber / 100 })}
          />
          <Button onClick={() => chime(volume)}>
            <Volume2 size={16} aria-hidden />
            {t('notify.try')}
          </Button>
        </div>
      )}
    </>
  )
}

function Quiet() {
  const { quiet, hours } = useStore(wanted)
  return (
    <>
      <Check checked={quiet} onChange={(quiet) => want({ quiet })}>
        {t('notify.quiet')}
      </Check>
      {quiet && (
        <div className={styles.hours}>
          {(['from', 'until'] as const).map((end) => (
            <Field
              key={end}
              label={t(`notify.${end}`)}
              type="time"
              required
              value={hours[end]}
              onChange={({ target }) => target.value && want({ hours: { ...hours, [end]: target.value } })}
            />
          ))}
        </div>
      )}
    </>
  )
}

function Check({
  checked,
  onChange,
  children,
}: {
  checked: boolean
  onChange: (checked: boolean) => void
  children: ReactNode
}) {
  return (
    <label className={styles.check}>
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
      {children}
    </label>
  )
}
