import { CloudOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { ConversationView } from '../../conversation/conversation'
import { t } from '../../text/text'
import { clockTime, dayKey, shortTime } from '../../text/time'
import { useWorkspace } from '../workspace'
import styles from './LastSeen.module.css'

/** LastSeen says from when what is shown is, where there is no connection; where there is one, what it is given. */
export function LastSeen({ view: { seenAt }, children }: { view: ConversationView; children: ReactNode }) {
  const notice = useStore(useWorkspace().notice.state)
  if (seenAt === undefined || notice === 'none' || notice === 'back') return children
  const today = dayKey(seenAt) === dayKey(Date.now())
  return (
    <>
      <CloudOff size={13} className={styles.icon} aria-hidden />
      {t('room.lastSeen', { time: today ? clockTime(seenAt) : shortTime(seenAt) })}
    </>
  )
}
