import { Archive, ArchiveRestore, Globe, Lock, LogOut } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { CallError } from '../../connection/rest'
import { may } from '../../conversation/rights'
import { Button } from '../../design/Button'
import { Choice } from '../../design/Choice'
import { Confirm } from '../../design/Confirm'
import { Dialog } from '../../design/Dialog'
import { Field } from '../../design/Field'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { explain } from '../failure'
import { tell } from '../notices/toast'
import { useWorkspace } from '../workspace'
import { LeaveRoom } from './LeaveRoom'
import { nameError, topicError } from './name'
import styles from './RoomSettings.module.css'
import { titleFor } from './title'

/** RoomSettings is what a room is, and what one's role allows to change about it. */
export function RoomSettings({ room, onClose }: { room: RoomInfo; onClose: () => void }) {
  const [asking, setAsking] = useState<'leave' | 'archive'>()
  const describes = may(room, 'describe')
  const governs = may(room, 'govern')
  return (
    <Dialog title={<bdi>{titleFor(room)}</bdi>} onClose={onClose}>
      {describes ? <Description room={room} /> : <Facts room={room} />}
      {governs && <Visibility room={room} />}
      {(governs || may(room, 'leave')) && (
        <div className={`${styles.section} ${styles.ends}`}>
          {may(room, 'leave') && (
            <Button onClick={() => setAsking('leave')}>
              <LogOut size={16} aria-hidden />
              {t('settings.leave')}
            </Button>
          )}
          {governs && (
            <Button onClick={() => setAsking('archive')}>
              {room.archived ? <ArchiveRestore size={16} aria-hidden /> : <Archive size={16} aria-hidden />}
              {t(room.archived ? 'settings.restore' : 'settings.archive')}
            </Button>
          )}
        </div>
      )}
      {asking === 'leave' && <LeaveRoom room={room} onDone={onClose} onClose={() => setAsking(undefined)} />}
      {asking === 'archive' && <ArchiveRoom room={room} onClose={() => setAsking(undefined)} />}
    </Dialog>
  )
}

function Facts({ room }: { room: RoomInfo }) {
  return (
    <dl className={styles.facts}>
      <dt>{t('settings.kind')}</dt>
      <dd>{t(`rooms.kind.${room.kind as 'public' | 'private' | 'group' | 'direct'}`)}</dd>
      {room.topic && (
        <>
          <dt>{t('create.topic')}</dt>
          <dd dir="auto">{room.topic}</dd>
        </>
      )}
      <dt>{t('people.members')}</dt>
      <dd>{t('rooms.members', { count: room.members })}</dd>
    </dl>
  )
}

/** Description changes name and topic, each by a change of its own. */
function Description({ room }: { room: RoomInfo }) {
  const { rooms } = useWorkspace()
  const [name, setName] = useState(room.name)
  const [topic, setTopic] = useState(room.topic ?? '')
  const [error, setError] = useState<{ name?: string; form?: string }>({})
  const [busy, setBusy] = useState(false)

  const save = async (event: FormEvent) => {
    event.preventDefault()
    const wrong = nameError(name)
    if (wrong) return setError({ name: wrong })
    if (busy || topicError(topic)) return
    setBusy(true)
    setError({})
    try {
      if (name.trim() !== room.name) await rooms.change(room.id, { name: name.trim() })
      if (topic.trim() !== (room.topic ?? '')) await rooms.change(room.id, { topic: topic.trim() })
      tell(t('settings.saved'))
    } catch (failure) {
      const taken = failure instanceof CallError && failure.code === 'conflict'
      setError(taken ? { name: t('create.error.taken') } : { form: explain(failure) })
    }
    setBusy(false)
  }

  return (
    <form onSubmit={save} noValidate className={styles.form}>
      <Field
        label={t('create.name')}
        hint={t('create.rule')}
        error={error.name}
        value={name}
        onChange={(event) => setName(event.target.value)}
        autoComplete="off"
        dir="auto"
      />
      <Field
        label={t('create.topic')}
        hint={t('create.topicHint')}
        error={topicError(topic)}
        value={topic}
        onChange={(event) => setTopic(event.target.value)}
        autoComplete="off"
        dir="auto"
      />
      <p role="alert" className={styles.error}>
        {error.form}
      </p>
      <Button type="submit" look="primary" busy={busy} className={styles.save}>
        {t('settings.save')}
      </Button>
    </form>
  )
}

function Visibility({ room }: { room: RoomInfo }) {
  const { rooms } = useWorkspace()
  const [error, setError] = useState('')
  const change = async (kind: 'public' | 'private') => {
    setError('')
    try {
      await rooms.change(room.id, { kind })
      tell(t(kind === 'public' ? 'settings.nowPublic' : 'settings.nowPrivate'))
    } catch (failure) {
      const taken = failure instanceof CallError && failure.code === 'conflict'
      setError(taken ? t('create.error.taken') : explain(failure))
    }
  }
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>{t('settings.visibility')}</h3>
      <Choice<'public' | 'private'>
        label={t('settings.visibility')}
        value={room.kind === 'public' ? 'public' : 'private'}
        onChange={(kind) => void change(kind)}
        options={[
          { value: 'public', label: t('create.public'), icon: Globe },
          { value: 'private', label: t('create.private'), icon: Lock },
        ]}
      />
      <p className={styles.hint}>{t(room.kind === 'public' ? 'create.publicHint' : 'create.privateHint')}</p>
      <p role="alert" className={styles.error}>
        {error}
      </p>
    </section>
  )
}

function ArchiveRoom({ room, onClose }: { room: RoomInfo; onClose: () => void }) {
  const { rooms } = useWorkspace()
  const which = room.archived ? 'restore' : 'archive'
  return (
    <Confirm
      title={t(`settings.${which}.title`, { room: titleFor(room) })}
      action={t(`settings.${which}`)}
      act={() => rooms.change(room.id, { archived: !room.archived })}
      explain={explain}
      onClose={onClose}
    >
      <p>{t(`settings.${which}.text`)}</p>
    </Confirm>
  )
}
