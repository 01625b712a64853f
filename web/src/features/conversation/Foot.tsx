import { useStore } from 'zustand'
import type { Conversation } from '../../conversation/conversation'
import { Button } from '../../design/Button'
import type { RoomInfo } from '../../protocol/types'
import { parts, t } from '../../text/text'
import { titleFor } from '../rooms/title'
import styles from './Foot.module.css'

/** Foot stands in place of the composer where nothing can be written: it offers to join, or says why not. */
export function Foot({ room, conversation }: { room: RoomInfo; conversation: Conversation }) {
  const joining = useStore(conversation.state, (view) => view.interest === 'read')
  if (room.archived) return <p className={styles.foot}>{t('room.archived')}</p>
  return (
    <div className={styles.foot}>
      <p>
        {parts('room.previewing').map((part) =>
          typeof part === 'string' ? part : <bdi key={part.name}>{titleFor(room)}</bdi>,
        )}
      </p>
      <Button look="primary" busy={joining} onClick={() => conversation.want('read')}>
        {t(joining ? 'room.joining' : 'room.join')}
      </Button>
    </div>
  )
}
