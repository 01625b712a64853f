import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import type { LinkedRoom } from '../../protocol/types'
import { parts, t } from '../../text/text'
import { explain } from '../failure'
import { useWorkspace } from '../workspace'
import styles from './FollowLink.module.css'
import { RoomIcon } from './RoomIcon'

/** FollowLink says where a link into a room leads, and goes there when the person wants to. */
export function FollowLink({ token, onClose }: { token: string; onClose: () => void }) {
  const { rooms } = useWorkspace()
  const [, navigate] = useLocation()
  const [room, setRoom] = useState<LinkedRoom>()
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    rooms
      .lookAtLink(token)
      .then(setRoom)
      .catch((failure) => setError(explain(failure)))
  }, [rooms, token])

  const join = async () => {
    setBusy(true)
    try {
      const id = await rooms.followLink(token)
      onClose()
      navigate(`/r/${id}`, { replace: true })
    } catch (failure) {
      setBusy(false)
      setError(explain(failure))
    }
  }

  return (
    <Dialog title={t('link.title')} onClose={onClose}>
      {room && (
        <p className={styles.room}>
          <span className={styles.sign}>
            <RoomIcon kind={room.kind} size={22} />
          </span>
          <span>
            {parts('link.text').map((part) =>
              typeof part === 'string' ? part : <bdi key={part.name}>{room.name}</bdi>,
            )}
          </span>
        </p>
      )}
      <p role="alert" className={styles.error}>
        {error}
      </p>
      <div className={styles.actions}>
        <Button onClick={onClose}>{t('dialog.cancel')}</Button>
        {room && (
          <Button look="primary" busy={busy} data-focus onClick={() => void join()}>
            {t('room.join')}
          </Button>
        )}
      </div>
    </Dialog>
  )
}
