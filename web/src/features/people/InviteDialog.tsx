import { useState } from 'react'
import { may } from '../../conversation/rights'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import type { PersonInfo, RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { explain } from '../failure'
import { tell } from '../notices/toast'
import { titleFor } from '../rooms/title'
import styles from './PeopleDialog.module.css'
import { PeoplePicker } from './PeoplePicker'
import { RoomLinks } from './RoomLinks'
import { useMembers } from './useMembers'

/** InviteDialog brings people into a room: those that are known at once, others by a link. */
export function InviteDialog({ room, onClose }: { room: RoomInfo; onClose: () => void }) {
  const { members, view } = useMembers(room.id)
  const [chosen, setChosen] = useState<readonly PersonInfo[]>([])
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const present = new Set(view.members.map(({ id }) => id))

  const invite = async () => {
    setBusy(true)
    setError('')
    for (const person of chosen) {
      try {
        await members.invite(person.id)
        tell(t('invite.done', { name: person.name, room: titleFor(room) }))
        setChosen((left) => left.filter(({ id }) => id !== person.id))
      } catch (failure) {
        setError(`${person.name}: ${explain(failure)}`)
      }
    }
    setBusy(false)
  }

  return (
    <Dialog title={t('invite.title', { room: titleFor(room) })} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void invite()
        }}
      >
        <PeoplePicker chosen={chosen} onChange={setChosen} without={present} />
        <div className={styles.foot}>
          <p role="alert" className={styles.error}>
            {error}
          </p>
          <Button type="submit" look="primary" busy={busy} disabled={chosen.length === 0}>
            {t('invite.submit')}
          </Button>
        </div>
      </form>
      {may(room, 'link') && <RoomLinks members={members} />}
    </Dialog>
  )
}
