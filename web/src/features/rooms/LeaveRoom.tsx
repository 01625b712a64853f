import { useLocation } from 'wouter'
import { Confirm } from '../../design/Confirm'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { explain } from '../failure'
import { useWorkspace } from '../workspace'
import { titleFor } from './title'

interface Props {
  room: RoomInfo
  onDone?: () => void
  onClose: () => void
}

/** LeaveRoom asks whether to stop being a member. The last owner is told what to do first, by the server. */
export function LeaveRoom({ room, onDone, onClose }: Props) {
  const { rooms } = useWorkspace()
  const [, navigate] = useLocation()
  const leave = async () => {
    await rooms.leave(room.id)
    onDone?.()
    navigate('/', { replace: true })
  }
  return (
    <Confirm
      title={t('leave.title', { room: titleFor(room) })}
      action={t('settings.leave')}
      danger
      act={leave}
      explain={explain}
      onClose={onClose}
    >
      <p>{t(room.kind === 'public' ? 'leave.public' : 'leave.private')}</p>
    </Confirm>
  )
}
