import { Search } from 'lucide-react'
import { type KeyboardEvent, useId, useState } from 'react'
import { useLocation } from 'wouter'
import { Dialog } from '../../design/Dialog'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { useRooms, useWorkspace } from '../workspace'
import { lastRoom } from './last'
import { score } from './match'
import { RoomIcon } from './RoomIcon'
import styles from './Switcher.module.css'
import { titleFor } from './title'

const shown = 12

/** Switcher goes to a room by a few letters of its name; the rooms of late come first. */
export function Switcher({ onClose }: { onClose: () => void }) {
  const { user } = useWorkspace()
  const [, navigate] = useLocation()
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(0)
  const listId = useId()
  const found = find(useRooms(), query, lastRoom.all(user.id))
  const at = Math.min(chosen, found.length - 1)

  const go = (room: RoomInfo | undefined) => {
    if (!room) return
    onClose()
    navigate(`/r/${room.id}`)
  }

  const pressed = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || found.length === 0) return
    if (event.key === 'Enter') go(found[at])
    else if (event.key === 'ArrowDown') setChosen((at + 1) % found.length)
    else if (event.key === 'ArrowUp') setChosen((at + found.length - 1) % found.length)
    else return
    event.preventDefault()
  }

  return (
    <Dialog title={t('switcher.title')} onClose={onClose} place="top" untitled>
      <div className={styles.line}>
        <Search size={18} aria-hidden />
        <input
          className={styles.input}
          role="combobox"
          aria-label={t('switcher.title')}
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={found.length > 0 ? `${listId}-${at}` : undefined}
          aria-autocomplete="list"
          placeholder={t('switcher.placeholder')}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value)
            setChosen(0)
          }}
          onKeyDown={pressed}
          autoComplete="off"
          data-focus
          dir="auto"
        />
      </div>
      <div id={listId} role="listbox" aria-label={t('rooms.title')} className={styles.list}>
        {found.map((room, index) => {
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, as in every combobox.
            <div
              key={room.id}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              className={styles.option}
              onClick={() => go(room)}
              onPointerMove={() => setChosen(index)}
            >
              <RoomIcon kind={room.kind} size={16} />
              <bdi className={styles.name}>{titleFor(room)}</bdi>
              <span className={styles.members}>
                {room.peer ? <bdi>@{room.peer.handle}</bdi> : t('rooms.members', { count: room.members })}
              </span>
            </div>
          )
        })}
      </div>
      <p role="status" className={found.length === 0 ? styles.none : 'visually-hidden'}>
        {found.length === 0 ? t('switcher.none') : t('switcher.count', { count: found.length })}
      </p>
    </Dialog>
  )
}

function find(rooms: readonly RoomInfo[], query: string, recent: readonly number[]): RoomInfo[] {
  const rank = (room: RoomInfo) => {
    const at = recent.indexOf(room.id)
    return (at < 0 ? 0 : recent.length - at) + (room.role ? 0.5 : 0)
  }
  return rooms
    .map((room) => ({ room, fit: score(query, titleFor(room)) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit || rank(b.room) - rank(a.room))
    .slice(0, shown)
    .map(({ room }) => room)
}
