import { Check, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { explain } from '../failure'
import { useWorkspace } from '../workspace'
import styles from './BrowseDialog.module.css'
import { RoomIcon } from './RoomIcon'

/** Milliseconds without a key before the server is asked. */
const pause = 200

interface Found {
  text: string
  rooms: readonly RoomInfo[]
  next: string | undefined
}

/** BrowseDialog goes through the public rooms of the server, by a part of their names. */
export function BrowseDialog({ onClose }: { onClose: () => void }) {
  const { rooms } = useWorkspace()
  const [text, setText] = useState('')
  const [found, setFound] = useState<Found>()
  const [error, setError] = useState('')

  useEffect(() => {
    let wanted = true
    const timer = setTimeout(
      async () => {
        try {
          const page = await rooms.browse(text)
          if (wanted) setFound({ text, rooms: page.rooms, next: page.next })
          if (wanted) setError('')
        } catch (failure) {
          if (wanted) setError(explain(failure))
        }
      },
      text === '' ? 0 : pause,
    )
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [rooms, text])

  const more = async () => {
    if (!found?.next) return
    try {
      const page = await rooms.browse(found.text, found.next)
      setFound((old) =>
        old === found ? { ...old, rooms: [...old.rooms, ...page.rooms], next: page.next } : old,
      )
    } catch (failure) {
      setError(explain(failure))
    }
  }

  const none = found?.rooms.length === 0
  return (
    <Dialog title={t('browse.title')} onClose={onClose}>
      <label className={styles.search}>
        <Search size={17} aria-hidden />
        <input
          type="search"
          aria-label={t('browse.search')}
          placeholder={t('browse.search')}
          value={text}
          onChange={(event) => setText(event.target.value)}
          autoComplete="off"
          data-focus
          dir="auto"
        />
      </label>
      <div className={styles.list}>
        <ul aria-label={t('browse.title')}>
          {found?.rooms.map((room) => (
            <li key={room.id}>
              <Link href={`/r/${room.id}`} className={styles.room} onClick={onClose}>
                <span className={styles.sign}>
                  <RoomIcon kind={room.kind} size={18} />
                </span>
                <span className={styles.about}>
                  <bdi className={styles.name}>{room.name}</bdi>
                  <span className={styles.topic}>
                    {t('rooms.members', { count: room.members })}
                    {room.topic && (
                      <>
                        {' · '}
                        <bdi>{room.topic}</bdi>
                      </>
                    )}
                  </span>
                </span>
                {room.role && (
                  <span className={styles.joined}>
                    <Check size={15} aria-hidden />
                    {t('browse.joined')}
                  </span>
                )}
              </Link>
            </li>
          ))}
        </ul>
        {found?.next && (
          <Button look="quiet" onClick={() => void more()}>
            {t('browse.more')}
          </Button>
        )}
        {error ? (
          <p role="alert" className={styles.note}>
            {error}
          </p>
        ) : (
          <p role="status" className={none ? styles.note : 'visually-hidden'}>
            {none ? t('browse.none') : found && t('browse.count', { count: found.rooms.length })}
          </p>
        )}
      </div>
    </Dialog>
  )
}
