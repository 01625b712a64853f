import { type FormEvent, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { CallError } from '../../connection/rest'
import { newCid } from '../../conversation/uuid'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { Field } from '../../design/Field'
import { t } from '../../text/text'
import { useWorkspace } from '../workspace'
import styles from './CreateRoomDialog.module.css'
import { nameError } from './name'

/** CreateRoomDialog makes a public room and goes there. What is wrong with the name stands at the name. */
export function CreateRoomDialog({ onClose }: { onClose: () => void }) {
  const { rooms } = useWorkspace()
  const [, navigate] = useLocation()
  const [name, setName] = useState('')
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  // The same name is the same creation, however often it is tried.
  const creation = useRef({ name: '', cid: '' })

  const fail = (message: string) => {
    setError(message)
    input.current?.focus()
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const wrong = nameError(name)
    if (wrong) return fail(wrong)
    if (creation.current.name !== name) creation.current = { name, cid: newCid() }
    setBusy(true)
    try {
      const room = await rooms.create({ name: name.trim(), cid: creation.current.cid })
      onClose()
      navigate(`/r/${room.id}`)
    } catch (failure) {
      setBusy(false)
      fail(explain(failure))
    }
  }

  return (
    <Dialog title={t('create.title')} onClose={onClose}>
      <p className={styles.lead}>{t('create.lead')}</p>
      <form onSubmit={submit} noValidate className={styles.form}>
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
        <Button type="submit" look="primary" busy={busy} className={styles.submit}>
          {t(busy ? 'create.busy' : 'create.submit')}
        </Button>
      </form>
    </Dialog>
  )
}

function explain(failure: unknown): string {
  if (!(failure instanceof CallError)) return t('error.other')
  if (failure.code === 'conflict') return t('create.error.taken')
  if (failure.code === 'offline' || failure.code === 'unavailable') return t('error.offline')
  return failure.message || t('error.other')
}
