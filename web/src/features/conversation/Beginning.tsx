import { LoaderCircle } from 'lucide-react'
import type { ConversationView } from '../../conversation/conversation'
import { Avatar } from '../../design/Avatar'
import { Button } from '../../design/Button'
import type { RoomInfo } from '../../protocol/types'
import { parts, t } from '../../text/text'
import { RoomIcon } from '../rooms/RoomIcon'
import { titleFor } from '../rooms/title'
import styles from './Beginning.module.css'

interface Props {
  room: RoomInfo
  view: ConversationView
  /** Whether the first row in the page is the first one held. */
  atStart: boolean
  onRetry: () => void
}

/** Beginning is what stands above the first row: the room's beginning, or that there is more. */
export function Beginning({ room, view, atStart, onRetry }: Props) {
  if (view.olderFailed)
    return (
      <div className={styles.more}>
        <span role="alert">{t('timeline.olderFailed')}</span>
        <Button look="quiet" onClick={onRetry}>
          {t('rooms.retry')}
        </Button>
      </div>
    )
  if (view.hasOlder || !atStart)
    return (
      <div className={styles.more}>
        <LoaderCircle size={18} aria-hidden className={styles.turning} />
        <span className="visually-hidden">{t('timeline.loadingOlder')}</span>
      </div>
    )
  const quiet = view.outgoing.length === 0 && !view.events.some((event) => event.kind === 'message')
  return (
    <div className={styles.start}>
      {room.peer ? (
        <Avatar id={room.peer.id} name={room.peer.name} size="medium" />
      ) : (
        <span className={styles.sign}>
          <RoomIcon kind={room.kind} size={22} />
        </span>
      )}
      <h2 className={styles.title}>
        {parts(room.peer ? 'timeline.startWith' : 'timeline.start').map((part) =>
          typeof part === 'string' ? part : <bdi key={part.name}>{titleFor(room)}</bdi>,
        )}
      </h2>
      <p className={styles.hint}>{t(quiet ? 'timeline.empty' : 'timeline.startHint')}</p>
    </div>
  )
}
