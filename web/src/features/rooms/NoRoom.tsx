import { Mark } from '../../design/Mark'
import { t } from '../../text/text'
import styles from './NoRoom.module.css'

/** NoRoom stands in the middle while no room is chosen. */
export function NoRoom() {
  return (
    <main className={styles.page}>
      <div className={styles.hint}>
        <Mark size={56} />
        <p>{t('rooms.choose')}</p>
      </div>
    </main>
  )
}
