import { CircleAlert, Clock3 } from 'lucide-react'
import { memo } from 'react'
import type { MessageItem } from '../../conversation/timeline'
import { Avatar } from '../../design/Avatar'
import { Button } from '../../design/Button'
import { t } from '../../text/text'
import { clockTime, fullTime } from '../../text/time'
import styles from './MessageRow.module.css'
import { RichText } from './RichText'

export interface RowActions {
  retry(cid: string): void
  delete(cid: string): void
}

type Props = Omit<MessageItem, 'type' | 'key' | 'seq'> & {
  rowKey: string
  /** The one row that the Tab key reaches. */
  reachable: boolean
  /** The connection is known to be away. */
  offline: boolean
  actions: RowActions
}

/** MessageRow is one message. Its name tells who, when and what once; the visible name and time are not read again. */
export const MessageRow = memo(function MessageRow(props: Props) {
  const { rowKey, reachable, userId, name, at, text, first, phase } = props
  const pending = phase === 'waiting' || phase === 'sending'
  const names = [
    styles.row,
    first && styles.first,
    pending && styles.pending,
    phase === 'failed' && styles.failed,
  ]
  return (
    <div
      role="article"
      className={names.filter(Boolean).join(' ')}
      data-row={rowKey}
      tabIndex={reachable ? 0 : -1}
      aria-label={label(props)}
    >
      {first ? <Avatar id={userId} name={name} /> : <Time at={at} className={styles.aside} />}
      <div className={styles.body}>
        {first && (
          <div className={styles.who} aria-hidden>
            <bdi className={styles.name}>{name}</bdi>
            <Time at={at} className={styles.time} />
          </div>
        )}
        <p className={styles.text} dir="auto">
          <RichText text={text} />
        </p>
        <Fate {...props} />
      </div>
      {pending && <Clock3 size={14} aria-hidden className={styles.clock} />}
    </div>
  )
})

function Time({ at, className }: { at: number; className: string | undefined }) {
  return (
    <time className={className} dateTime={new Date(at).toISOString()} title={fullTime(at)} aria-hidden>
      {clockTime(at)}
    </time>
  )
}

/** Fate is what became of a message that is not sent, and what can be done. */
function Fate({ phase, offline, deletable, problem, cid, actions }: Props) {
  const waiting = phase === 'waiting' && offline
  if (phase !== 'failed' && !waiting) return null
  return (
    <div className={styles.fate}>
      {phase === 'failed' && <CircleAlert size={15} aria-hidden />}
      <span>
        {phase === 'failed' ? [t('send.failed'), problem].filter(Boolean).join(': ') : t('send.waiting')}
      </span>
      {phase === 'failed' && (
        <Button look="quiet" onClick={() => actions.retry(cid)}>
          {t('send.retry')}
        </Button>
      )}
      {deletable && (
        <Button look="quiet" onClick={() => actions.delete(cid)}>
          {t('send.delete')}
        </Button>
      )}
    </div>
  )
}

function label({ phase, name, at, text }: Props): string {
  if (phase === 'failed') return t('timeline.rowFailed', { name, text })
  if (phase === 'sent') return t('timeline.row', { name, time: clockTime(at), text })
  return t('timeline.rowPending', { name, text })
}
