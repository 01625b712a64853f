import { Hash, Lock } from 'lucide-react'
import { Link } from 'wouter'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import styles from './RoomLink.module.css'

interface Props {
  room: RoomInfo
  unread: number
  current: boolean
}

/** RoomLink is one room of the list: bold and with a count while something in it is unread. */
export function RoomLink({ room, unread, current }: Props) {
  const Icon = room.kind === 'private' ? Lock : Hash
  return (
    <li>
      <Link
        href={`/r/${room.id}`}
        className={unread > 0 ? `${styles.link} ${styles.unread}` : styles.link}
        aria-current={current ? 'page' : undefined}
      >
        <Icon size={16} aria-hidden className={styles.icon} />
        <bdi className={styles.name}>{room.name}</bdi>
        {unread > 0 && (
          <>
            <span className={styles.count} aria-hidden>
              {unread > 99 ? '99+' : unread}
            </span>
            <span className="visually-hidden">{t('rooms.unread', { count: unread })}</span>
          </>
        )}
      </Link>
    </li>
  )
}
