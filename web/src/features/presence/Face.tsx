import { Avatar } from '../../design/Avatar'
import { t } from '../../text/text'
import styles from './Face.module.css'

interface Props {
  id: number
  name: string
  online: boolean
  size?: 'small' | 'tiny'
}

/** Face is a person's avatar with a sign of whether they are here: a filled dot, or a ring. */
export function Face({ id, name, online, size = 'small' }: Props) {
  return (
    <span className={styles.face}>
      <Avatar id={id} name={name} size={size} />
      <span className={online ? styles.online : styles.offline} />
      <span className="visually-hidden">{t(online ? 'people.online' : 'people.offline')}</span>
    </span>
  )
}
