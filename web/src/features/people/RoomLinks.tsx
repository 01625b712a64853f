import { Copy, Link2, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Members } from '../../conversation/members'
import { Button, IconButton } from '../../design/Button'
import { SelectField } from '../../design/Field'
import type { LinkInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { shortTime } from '../../text/time'
import { copy } from '../copy'
import { explain } from '../failure'
import styles from './PeopleDialog.module.css'

const hour = 3_600
const lengths = [
  { seconds: hour, text: 'invite.hour' },
  { seconds: 24 * hour, text: 'invite.day' },
  { seconds: 7 * 24 * hour, text: 'invite.week' },
  { seconds: 90 * 24 * hour, text: 'invite.quarter' },
] as const
const counts = [1, 10, 100, 1_000]

/** RoomLinks makes links into a room and ends them. A link's address can be read only when it is made. */
export function RoomLinks({ members }: { members: Members }) {
  const [links, setLinks] = useState<readonly LinkInfo[]>([])
  const [lasts, setLasts] = useState(7 * 24 * hour)
  const [uses, setUses] = useState(100)
  const [made, setMade] = useState('')
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    members
      .links()
      .then(setLinks)
      .catch((failure) => setError(explain(failure)))
  }, [members])

  const attempt = async (task: () => Promise<void>) => {
    setBusy(true)
    setError('')
    try {
      await task()
      setLinks(await members.links())
    } catch (failure) {
      setError(explain(failure))
    }
    setBusy(false)
  }

  const make = () =>
    attempt(async () => {
      const link = await members.makeLink({ lasts, uses })
      setMade(`${location.origin}/room#link=${link.token}`)
    })

  return (
    <section aria-labelledby="room-links">
      <h3 id="room-links" className={styles.heading}>
        {t('invite.links')}
      </h3>
      <p className={styles.hint}>{t('invite.linksHint')}</p>
      <div className={styles.bounds}>
        <SelectField
          label={t('invite.lasts')}
          value={lasts}
          onChange={(event) => setLasts(Number(event.target.value))}
        >
          {lengths.map(({ seconds, text }) => (
            <option key={seconds} value={seconds}>
              {t(text)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t('invite.uses')}
          value={uses}
          onChange={(event) => setUses(Number(event.target.value))}
        >
          {counts.map((count) => (
            <option key={count} value={count}>
              {t('invite.people', { count })}
            </option>
          ))}
        </SelectField>
        <Button busy={busy} onClick={() => void make()}>
          <Link2 size={16} aria-hidden />
          {t('invite.make')}
        </Button>
      </div>
      {made && (
        <div className={styles.made}>
          <input
            readOnly
            aria-label={t('invite.address')}
            value={made}
            onFocus={(event) => event.target.select()}
          />
          <Button onClick={() => void copy(made, t('invite.copied'))}>
            <Copy size={15} aria-hidden />
            {t('invite.copy')}
          </Button>
        </div>
      )}
      <p role="alert" className={styles.error}>
        {error}
      </p>
      {links.length > 0 && (
        <ul className={styles.links}>
          {links.map(({ id, expiresAt, usesLeft }) => (
            <li key={id} className={styles.link}>
              <Link2 size={15} aria-hidden />
              <span>{t('invite.left', { count: usesLeft, time: shortTime(expiresAt) })}</span>
              <IconButton label={t('invite.end')} onClick={() => void attempt(() => members.endLink(id))}>
                <X size={16} aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
