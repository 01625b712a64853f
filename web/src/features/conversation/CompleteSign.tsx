import { Check, CheckCheck, LoaderCircle } from 'lucide-react'
import type { ConversationView } from '../../conversation/conversation'
import { type TextId, t } from '../../text/text'
import styles from './CompleteSign.module.css'

/**
 * CompleteSign says whether this device has every event up to the room's head.
 * It can know, because the numbers have no holes; it never says so when it is
 * not so.
 */
export function CompleteSign({ view }: { view: ConversationView }) {
  if (view.phase !== 'live') return <Sign text="room.catchingUp" Icon={LoaderCircle} look={styles.waiting} />
  if (!view.complete) return <Sign text="room.behind" Icon={Check} look={styles.behind} />
  return <Sign text="room.complete" Icon={CheckCheck} look={styles.complete} />
}

function Sign({ text, Icon, look }: { text: TextId; Icon: typeof Check; look: string | undefined }) {
  return (
    <span className={`${styles.sign} ${look}`} title={t(text)}>
      <Icon size={15} aria-hidden />
      <span className="visually-hidden">{t(text)}</span>
    </span>
  )
}
