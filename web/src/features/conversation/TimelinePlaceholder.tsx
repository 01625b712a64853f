import { useEffect } from 'react'
import type { Conversation, ConversationView } from '../../conversation/conversation'
import { Button } from '../../design/Button'
import { t } from '../../text/text'
import styles from './TimelinePlaceholder.module.css'

/** TimelinePlaceholder keeps the place of messages that are not here yet, and sees to it that they come. */
export function TimelinePlaceholder({
  conversation,
  view,
}: {
  conversation: Conversation
  view: ConversationView
}) {
  // A room that was only listened to has nothing but what is new.
  const wanting = view.phase === 'live' && view.hasOlder && !view.loadingOlder && !view.olderFailed
  useEffect(() => {
    if (wanting) void conversation.loadOlder()
  }, [wanting, conversation])

  if (view.olderFailed)
    return (
      <div className={styles.failed}>
        <p role="alert">{t('timeline.olderFailed')}</p>
        <Button onClick={() => void conversation.loadOlder()}>{t('rooms.retry')}</Button>
      </div>
    )
  return (
    <div className={styles.place} role="status">
      <span className="visually-hidden">{t('timeline.loading')}</span>
      {[62, 38, 78, 50].map((width) => (
        <div key={width} className={styles.row} aria-hidden>
          <span className={styles.face} />
          <span className={styles.name} />
          <span className={styles.line} style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  )
}
