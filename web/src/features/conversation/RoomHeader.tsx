import { ArrowLeft, Ellipsis, Info, Link, LogOut, UserPlus, UsersRound } from 'lucide-react'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { ConversationView } from '../../conversation/conversation'
import { may } from '../../conversation/rights'
import { statusOf } from '../../conversation/status'
import { IconButton } from '../../design/Button'
import { MenuButton, type MenuEntry } from '../../design/Menu'
import type { RoomInfo } from '../../protocol/types'
import { formatNumber, t } from '../../text/text'
import { copy } from '../copy'
import { Face } from '../presence/Face'
import { PeerStatus } from '../presence/PeerStatus'
import { addressOf } from '../rooms/address'
import { InviteDialog, RoomSettings } from '../rooms/dialogs'
import { LeaveRoom } from '../rooms/LeaveRoom'
import { RoomIcon } from '../rooms/RoomIcon'
import { titleFor } from '../rooms/title'
import { usePreferenceItems } from '../rooms/usePreferenceItems'
import { CompleteSign } from './CompleteSign'
import { LastSeen } from './LastSeen'
import styles from './RoomHeader.module.css'

interface Props {
  room: RoomInfo
  view: ConversationView
  narrow: boolean
  peopleShown: boolean
  onPeople: () => void
}

/** RoomHeader is what the room is, who is there, and what can be done with it. */
export function RoomHeader({ room, view, narrow, peopleShown, onPeople }: Props) {
  const [, navigate] = useLocation()
  const [dialog, setDialog] = useState<'settings' | 'invite' | 'leave'>()
  const preferenceItems = usePreferenceItems(room)
  const close = () => setDialog(undefined)
  const { peer } = room
  const online = view.online?.length
  const status = peer && statusOf(view.online, peer.id)

  const items: MenuEntry[] = []
  if (!peer) items.push({ label: t('room.about'), icon: Info, act: () => setDialog('settings') })
  if (may(room, 'invite'))
    items.push({ label: t('people.invite'), icon: UserPlus, act: () => setDialog('invite') })
  items.push({
    label: t('room.copyLink'),
    icon: Link,
    act: () => void copy(location.origin + addressOf(room.id), t('copy.link')),
  })
  items.push(...preferenceItems)
  if (may(room, 'leave'))
    items.push({ label: t('settings.leave'), icon: LogOut, danger: true, act: () => setDialog('leave') })

  return (
    <header className={styles.header}>
      {narrow && (
        <IconButton label={t('rooms.back')} onClick={() => navigate('/')}>
          <ArrowLeft size={20} aria-hidden />
        </IconButton>
      )}
      {peer && <Face id={peer.id} name={peer.name} status={status} />}
      <div className={styles.title}>
        <h1 className={styles.name}>
          {!peer && <RoomIcon kind={room.kind} size={18} />}
          <bdi>{titleFor(room)}</bdi>
          <CompleteSign view={view} />
        </h1>
        <p className={styles.about}>
          <LastSeen view={view}>
            {peer ? (
              <>
                {status && (
                  <>
                    <PeerStatus roomId={room.id} peerId={peer.id} status={status} />
                    {' · '}
                  </>
                )}
                <bdi>@{peer.handle}</bdi>
              </>
            ) : room.topic ? (
              <bdi>{room.topic}</bdi>
            ) : (
              t('rooms.members', { count: room.members })
            )}
          </LastSeen>
        </p>
      </div>
      {!peer && (
        <button
          type="button"
          className={styles.people}
          onClick={onPeople}
          aria-expanded={peopleShown}
          aria-label={online === undefined ? t('people.toggle') : t('people.toggleCount', { count: online })}
          title={t('people.toggle')}
        >
          <UsersRound size={18} aria-hidden />
          <span>{online === undefined ? '\u2007' : formatNumber(online)}</span>
        </button>
      )}
      <MenuButton label={t('room.menu')} items={items}>
        <Ellipsis size={19} aria-hidden />
      </MenuButton>
      {dialog === 'settings' && <RoomSettings room={room} onClose={close} />}
      {dialog === 'invite' && <InviteDialog room={room} onClose={close} />}
      {dialog === 'leave' && <LeaveRoom room={room} onClose={close} />}
    </header>
  )
}
