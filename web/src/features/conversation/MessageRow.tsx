import { CircleAlert, Clock3, Ellipsis, Pencil, Trash2 } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import { plain } from '../../conversation/formatting'
import type { MessageItem } from '../../conversation/timeline'
import { Avatar } from '../../design/Avatar'
import { Button, IconButton } from '../../design/Button'
import { t, useLanguage } from '../../text/text'
import { briefTime, clockTime, fullTime } from '../../text/time'
import { reasonOf } from '../failure'
import { EditBox } from './EditBox'
import styles from './MessageRow.module.css'
import { RichText } from './RichText'

/** What can be done with a row. The object stays the same, so that rows need no new paint for it. */
export interface RowActions {
  /** Of a message that is not sent. */
  retry(cid: string): void
  delete(cid: string): void
  /** Of a change that was refused. */
  retryChange(seq: number): void
  discardChange(seq: number): void
  /** Of a message in the room. */
  edit(key: string): void
  save(key: string, text: string): void
  stopEditing(key: string): void
  erase(key: string): void
  openMenu(key: string, anchor: HTMLElement): void
}

type Props = Omit<MessageItem, 'type' | 'key'> & {
  rowKey: string
  /** The one row that the Tab key reaches. */
  reachable: boolean
  /** Somebody points at it, or is in it: what can be done is in sight. */
  active: boolean
  /** Somebody was led to it a moment ago. */
  marked: boolean
  /** It is being written anew. */
  editing: boolean
  editable: boolean
  erasable: boolean
  /** The connection is known to be away. */
  offline: boolean
  actions: RowActions
}

/** MessageRow is one message. Its name tells who, when and what once; the visible name and time are not read again. */
export const MessageRow = memo(function MessageRow(props: Props) {
  useLanguage()
  const { rowKey, reachable, active, editing, userId, name, at, first, phase, change } = props
  const pending = phase === 'waiting' || phase === 'sending'
  const names = [
    styles.row,
    first && styles.first,
    pending && styles.pending,
    phase === 'failed' && styles.failed,
    change === 'under way' && styles.changing,
    active && styles.active,
    props.marked && styles.marked,
  ]
  return (
    <div
      role="article"
      className={names.filter(Boolean).join(' ')}
      data-row={rowKey}
      tabIndex={reachable ? 0 : -1}
      aria-label={label(props)}
    >
      {first ? <Avatar id={userId} name={name} /> : <Time at={at} className={styles.aside} brief />}
      <div>
        {first && (
          <div className={styles.who} aria-hidden>
            <bdi className={styles.name}>{name}</bdi>
            <Time at={at} className={styles.time} />
          </div>
        )}
        <Words {...props} />
        <Fate {...props} />
      </div>
      {pending && !(phase === 'waiting' && props.offline) && (
        <Clock3 size={14} aria-hidden className={styles.clock} />
      )}
      {active && !editing && phase === 'sent' && <Tools {...props} />}
    </div>
  )
})

function Time({ at, className, brief }: { at: number; className: string | undefined; brief?: boolean }) {
  return (
    <time className={className} dateTime={new Date(at).toISOString()} title={fullTime(at)} aria-hidden>
      {brief ? briefTime(at) : clockTime(at)}
    </time>
  )
}

/** Words is what the message says, or that it says nothing any more, or where it is written anew. */
function Words({ rowKey, text, deleted, edited, editing, actions }: Props) {
  if (editing)
    return (
      <EditBox
        text={text}
        onSave={(value) => actions.save(rowKey, value)}
        onCancel={() => actions.stopEditing(rowKey)}
      />
    )
  if (deleted)
    return (
      <div className={`${styles.text} ${styles.gone}`} data-words>
        <Trash2 size={14} aria-hidden />
        {t('message.deleted')}
      </div>
    )
  return (
    <div className={styles.text} dir={isSign(text) ? undefined : 'auto'} data-words>
      <RichText text={text} />
      {edited && <span className={styles.edited}>{t('message.edited')}</span>}
    </div>
  )
}

/** Whether a text has no direction of its own, as emoji have none: it stands where the reader's lines begin. */
function isSign(text: string): boolean {
  return !/[\p{L}\p{N}]/u.test(text)
}

/** Fate is what became of a message that is not sent, or of a change that was refused, and what can be done. */
function Fate({ phase, offline, deletable, problem, cid, seq = 0, change, actions }: Props) {
  if (change === 'refused')
    return (
      <Trouble
        text={problem ? t('change.refusedBecause', { reason: reasonOf(problem) }) : t('change.refused')}
      >
        <Button look="quiet" onClick={() => actions.retryChange(seq)}>
          {t('send.retry')}
        </Button>
        <Button look="quiet" onClick={() => actions.discardChange(seq)}>
          {t('change.discard')}
        </Button>
      </Trouble>
    )
  if (phase === 'failed')
    return (
      <Trouble text={problem ? t('send.failedBecause', { reason: reasonOf(problem) }) : t('send.failed')}>
        <Button look="quiet" onClick={() => actions.retry(cid)}>
          {t('send.retry')}
        </Button>
        {deletable && <DeleteButton cid={cid} actions={actions} />}
      </Trouble>
    )
  if (phase !== 'waiting' || !offline) return null
  return (
    <div className={styles.fate}>
      <span>{t('send.waiting')}</span>
      {deletable && <DeleteButton cid={cid} actions={actions} />}
    </div>
  )
}

function Trouble({ text, children }: { text: string; children: ReactNode }) {
  return (
    <div className={`${styles.fate} ${styles.trouble}`}>
      <CircleAlert size={15} aria-hidden />
      <span>{text}</span>
      {children}
    </div>
  )
}

function DeleteButton({ cid, actions }: { cid: string; actions: RowActions }) {
  return (
    <Button look="quiet" onClick={() => actions.delete(cid)}>
      {t('send.delete')}
    </Button>
  )
}

/** Tools floats over the row's end: the nearest things to do, and the way to all of them. */
function Tools({ rowKey, editable, erasable, actions }: Props) {
  return (
    <div role="toolbar" aria-label={t('message.actions')} className={styles.tools}>
      {editable && (
        <IconButton label={t('message.edit')} className={styles.near} onClick={() => actions.edit(rowKey)}>
          <Pencil size={16} aria-hidden />
        </IconButton>
      )}
      {erasable && (
        <IconButton label={t('message.delete')} className={styles.near} onClick={() => actions.erase(rowKey)}>
          <Trash2 size={16} aria-hidden />
        </IconButton>
      )}
      <IconButton
        label={t('message.more')}
        aria-haspopup="menu"
        onClick={(event) => actions.openMenu(rowKey, event.currentTarget)}
      >
        <Ellipsis size={17} aria-hidden />
      </IconButton>
    </div>
  )
}

function label({ phase, name, at, text: written, edited, deleted }: Props): string {
  const text = plain(written)
  if (phase === 'failed') return t('timeline.rowFailed', { name, text })
  if (phase !== 'sent') return t('timeline.rowPending', { name, text })
  const time = clockTime(at)
  if (deleted) return t('timeline.rowDeleted', { name, time })
  return t(edited ? 'timeline.rowEdited' : 'timeline.row', { name, time, text })
}
