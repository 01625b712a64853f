import { newCid } from 'parley-client'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import type { PersonInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { explain } from '../failure'
import { useWorkspace } from '../workspace'
import styles from './PeopleDialog.module.css'
import { PeoplePicker } from './PeoplePicker'

/** People in a group at most, oneself among them. */
const mostInGroup = 12
/** Characters of a group's name at most. */
const longestName = 80

/** NewMessageDialog opens the direct room with one person, or makes a group of several. */
export function NewMessageDialog({ onClose }: { onClose: () => void }) {
  const { rooms, user } = useWorkspace()
  const [, navigate] = useLocation()
  const [chosen, setChosen] = useState<readonly PersonInfo[]>([])
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const over = chosen.length + 1 - mostInGroup

  const open = async () => {
    const [only] = chosen
    if (!only || over > 0) return
    setBusy(true)
    setError('')
    try {
      const room =
        chosen.length === 1
          ? await rooms.openDirect(only.id)
          : await rooms.create({
              kind: 'group',
              name: groupName([user, ...chosen]),
              members: chosen.map(({ id }) => id),
              cid: newCid(),
            })
      onClose()
      navigate(`/r/${room.id}`)
    } catch (failure) {
      setBusy(false)
      setError(explain(failure))
    }
  }

  return (
    <Dialog title={t('message.title')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void open()
        }}
      >
        <PeoplePicker chosen={chosen} onChange={setChosen} />
        <div className={styles.foot}>
          <p role="alert" className={styles.error}>
            {over > 0 ? t('message.tooMany', { count: mostInGroup }) : error}
          </p>
          <Button type="submit" look="primary" busy={busy} disabled={chosen.length === 0 || over > 0}>
            {t(chosen.length > 1 ? 'message.group' : 'message.open')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** GroupName is the people's names, as many as fit: the same for everybody in it. */
function groupName(people: readonly { name: string }[]): string {
  const name = people.map(({ name }) => name).join(', ')
  const letters = [...name]
  return letters.length <= longestName ? name : `${letters.slice(0, longestName - 1).join('')}…`
}
