import type { Status } from '../../conversation/status'
import { Avatar } from '../../design/Avatar'
import { t } from '../../text/text'
import styles from './Face.module.css'
import { StatusSign } from './StatusSign'

interface Props {
  id: number
  name: string
  /** Undefined while nobody knows. */
  status: Status | undefined
  size?: 'small' | 'tiny'
}

/** Face is a person's avatar with a sign of how they are shown. */
export function Face({ id, name, status, size = 'small' }: Props) {
  return (
    <span className={styles.face} data-size={size}>
      <Avatar id={id} name={name} size={size} />
      {status && (
        <span className={styles.status}>
          <StatusSign status={status} />
          <span className="visually-hidden">{t(`status.${status}`)}</span>
        </span>
      )}
    </span>
  )
}
