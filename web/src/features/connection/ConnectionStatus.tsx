import { CloudOff, LoaderCircle, Wifi } from 'lucide-react'
import { useCallback, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../design/Button'
import { t } from '../../text/text'
import { reasonOf } from '../failure'
import { useWorkspace } from '../workspace'
import styles from './ConnectionStatus.module.css'

/** ConnectionStatus says when the connection is gone, and when it is back; it floats below the header and covers no input. */
export function ConnectionStatus() {
  const { client, notice } = useWorkspace()
  const watch = useCallback((changed: () => void) => client.watch(changed), [client])
  const state = useSyncExternalStore(watch, () => client.state)
  const said = useStore(notice.state)
  // An ended session has its own dialog.
  const silent = said === 'none' || (state.phase === 'stopped' && state.error.unauthorized)
  return (
    <div role="status" className={styles.place}>
      {!silent && (
        <div className={`${styles.chip} ${styles[said]}`}>
          {said === 'connecting' && <LoaderCircle size={16} aria-hidden className={styles.turning} />}
          {(said === 'offline' || said === 'stopped') && <CloudOff size={16} aria-hidden />}
          {said === 'back' && <Wifi size={16} aria-hidden />}
          {said === 'stopped'
            ? t('connection.stopped', { reason: state.phase === 'stopped' ? reasonOf(state.error) : '' })
            : t(`connection.${said}`)}
          {said === 'stopped' && (
            <Button look="quiet" onClick={() => client.resume()}>
              {t('connection.again')}
            </Button>
          )}
        </div>
      )}
    </div>
  )
}
