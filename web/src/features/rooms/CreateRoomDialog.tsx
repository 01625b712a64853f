import { Globe, Lock } from 'lucide-react'
import { newCid } from 'parley-client'
import { type FormEvent, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { CallError } from '../../connection/rest'
import { Button } from '../../design/Button'
import { Choice } from '../../design/Choice'
import { Dialog } from '../../design/Dialog'
import { Field } from '../../design/Field'
import { t } from '../../text/text'
import { explain } from '../failure'
import { useWorkspace } from '../workspace'
import styles from './CreateRoomDialog.module.css'
import { nameError, topicError } from './name'

type Kind = 'public' | 'private'

/** CreateRoomDialog makes a room and goes there. What is wrong with the name stands at the name. */
export function CreateRoomDialog({ onClose }: { onClose: () => void }) {
  const { rooms } = useWorkspace()
  const [, navigate] = useLocation()
  const [name, setName] = useState('')
  const [topic, setTopic] = useState('')
  const [kind, setKind] = useState<Kind>('public')
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  // The same wish is the same creation, however often it is tried.
  const creation = useRef({ wish: '', cid: '' })

  const fail = (message: string) => {
    setError(message)
    input.current?.focus()
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const wrong = nameError(name)
    if (wrong) return fail(wrong)
    if (topicError(topic)) return
    const wish = { kind, name: name.trim(), ...(topic.trim() && { topic: topic.trim() }) }
    const written = JSON.stringify(wish)
    if (creation.current.wish !== written) creation.current = { wish: written, cid: newCid() }
    setBusy(true)
    try {
      const room = await rooms.create({ ...wish, cid: creation.current.cid })
      onClose()
      navigate(`/r/${room.id}`)
    } catch (failure) {
      setBusy(false)
      fail(refusal(failure))
    }
  }

  return (
    <Dialog title={t('create.title')} onClose={onClose}>
      <form onSubmit={submit} noValidate className={styles.form}>
        <div>
          <Choice<Kind>
            label={t('create.kind')}
            value={kind}
            onChange={setKind}
            options={[
              { value: 'public', label: t('create.public'), icon: Globe },
              { value: 'private', label: t('create.private'), icon: Lock },
            ]}
          />
          <p className={styles.lead}>{t(kind === 'public' ? 'create.publicHint' : 'create.privateHint')}</p>
        </div>
        <Field
          label={t('create.name')}
          hint={t('create.rule')}
          error={error}
          placeholder={t('create.placeholder')}
          value={name}
          onChange={(event) => {
            setName(event.target.value)
            setError(undefined)
          }}
          inputRef={input}
          autoComplete="off"
          data-focus
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
        <Button type="submit" look="primary" busy={busy} className={styles.submit}>
          {t(busy ? 'create.busy' : 'create.submit')}
        </Button>
      </form>
    </Dialog>
  )
}

function refusal(failure: unknown): string {
  return failure instanceof CallError && failure.code === 'conflict'
    ? t('create.error.taken')
    : explain(failure)
}
