import { useState } from 'react'
import { Button } from '../../design/Button'
import { Mark } from '../../design/Mark'
import { t } from '../../text/text'
import { CreateRoomDialog } from './dialogs'
import styles from './NoRoom.module.css'

/** NoRoom stands in the middle while no room is chosen. */
export function NoRoom() {
  const [creating, setCreating] = useState(false)
  return (
    <main className={styles.page}>
      <Mark size={42} />
      <h1>{t('rooms.choose')}</h1>
      <Button onClick={() => setCreating(true)}>{t('rooms.create')}</Button>
      {creating && <CreateRoomDialog onClose={() => setCreating(false)} />}
    </main>
  )
}
