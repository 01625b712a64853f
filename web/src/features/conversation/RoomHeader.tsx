import { ArrowLeft, Hash, Lock, UsersRound } from 'lucide-react'
import { useLocation } from 'wouter'
import type { ConversationView } from '../../conversation/conversation'
import { IconButton } from '../../design/Button'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { CompleteSign } from './CompleteSign'
import styles from './RoomHeader.module.css'

interface Props {
  room: RoomInfo
  view: ConversationView
  narrow: boolean
  peopleShown: boolean
  onPeople: () => void
}

export function RoomHeader({ room, view, narrow, peopleShown, onPeople }: Props) {
  const [, navigate] = useLocation()
  const Icon = room.kind === 'private' ? Lock : Hash
  const online = view.online.length
  return (
    <header className={styles.header}>
      {narrow && (
        <IconButton label={t('rooms.back')} onClick={() => navigate('/')}>
          <ArrowLeft size={20} aria-hidden />
        </IconButton>
      )}
      <div className={styles.title}>
        <h1 className={styles.name}>
          <Icon size={18} aria-hidden />
          <bdi>{room.name}</bdi>
          <CompleteSign view={view} />
        </h1>
        <p className={styles.about}>
          {room.topic ? <bdi>{room.topic}</bdi> : t('rooms.members', { count: room.members })}
        </p>
      </div>
      <button
        type="button"
        className={styles.people}
        onClick={onPeople}
        aria-expanded={peopleShown}
        aria-label={`${t('people.toggle')}: ${t('people.count', { count: online })}`}
        title={t('people.toggle')}
      >
        <UsersRound size={18} aria-hidden />
        <span>{online}</span>
      </button>
    </header>
  )
}
