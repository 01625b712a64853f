import { Confirm } from '../../design/Confirm'
import { t } from '../../text/text'
import { explain } from '../failure'
import { useUnread, useWorkspace } from '../workspace'

/** MarkAllRead asks whether everything counts as read. It cannot be undone. */
export function MarkAllRead({ onClose }: { onClose: () => void }) {
  const { rooms, reads } = useWorkspace()
  const unread = useUnread()
  const count = Object.values(unread).reduce((sum, waits) => sum + waits, 0)
  const mark = () => {
    for (const room of rooms.state.getState().rooms) if (unread[room.id]) reads.mark(room.id, room.head)
    reads.flush()
  }
  return (
    <Confirm
      title={t('rooms.readAllTitle')}
      action={t('rooms.readAll')}
      act={mark}
      explain={explain}
      onClose={onClose}
    >
      <p>{t('rooms.readAllText', { count })}</p>
    </Confirm>
  )
}
