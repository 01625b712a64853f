import { Link } from 'wouter'
import type { RoomInfo } from '../../protocol/types'
import { formatNumber, t } from '../../text/text'
import { Face } from '../presence/Face'
import { usePeerOnline } from '../presence/usePeerOnline'
import { RoomIcon } from './RoomIcon'
import styles from './RoomLink.module.css'
import { titleFor } from './title'

interface Props {
  room: RoomInfo
  unread: number
  mentions: number
  current: boolean
}

/** RoomLink is one room of the list: bold and with a count while something in it is unread. */
export function RoomLink({ room, unread, mentions, current }: Props) {
  // Who is named, or written to alone, is called; the rest is only new.
  const calls = mentions > 0 || room.kind === 'direct' || room.kind === 'group'
  return (
    <li>
      <Link
        href={`/r/${room.id}`}
        className={unread > 0 ? `${styles.link} ${styles.unread}` : styles.link}
        aria-current={current ? 'page' : undefined}
      >
        {room.peer ? (
          <Peer room={room} peer={room.peer} />
        ) : (
          <RoomIcon kind={room.kind} size={16} className={styles.icon} />
        )}
        <bdi className={styles.name}>{titleFor(room)}</bdi>
        {unread > 0 && (
          <>
            {mentions > 0 && (
              <span className={styles.at} aria-hidden>
                @
              </span>
            )}
            <span className={calls ? `${styles.count} ${styles.calls}` : styles.count} aria-hidden>
              {unread > 99 ? `${formatNumber(99)}+` : formatNumber(unread)}
            </span>
            <span className="visually-hidden">
              {mentions > 0
                ? t('rooms.unreadMentions', {
                    unread: t('rooms.unread', { count: unread }),
                    mentions: t('rooms.mentions', { count: mentions }),
                  })
                : t('rooms.unread', { count: unread })}
            </span>
          </>
        )}
      </Link>
    </li>
  )
}

function Peer({ room, peer }: { room: RoomInfo; peer: NonNullable<RoomInfo['peer']> }) {
  const online = usePeerOnline(room.id, peer.id)
  return <Face id={peer.id} name={peer.name} online={online} size="tiny" />
}
