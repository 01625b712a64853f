import { Search } from 'lucide-react'
import { type KeyboardEvent, useId, useState } from 'react'
import { useLocation } from 'wouter'
import { wordOf } from '../../conversation/people'
import { Avatar } from '../../design/Avatar'
import { Dialog } from '../../design/Dialog'
import type { PersonInfo, RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { explain } from '../failure'
import { warn } from '../notices/toast'
import { type Found, fitOf, useFound } from '../people/useFound'
import { useStillRooms, useWorkspace } from '../workspace'
import { lastRoom } from './last'
import { score } from './match'
import { RoomIcon } from './RoomIcon'
import styles from './Switcher.module.css'
import { titleFor } from './title'

const shown = 12

/** Somewhere to go: a room, or a person with whom there is no conversation yet. */
type Place = { room: RoomInfo; person?: undefined } | { person: PersonInfo; room?: undefined }

/**
 * Switcher goes to a room or a person by a few letters of the name: the rooms
 * of late come first, and people that nobody here knows after a moment.
 */
export function Switcher({ onClose }: { onClose: () => void }) {
  const { user, rooms } = useWorkspace()
  const [, navigate] = useLocation()
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(0)
  const listId = useId()
  const people = useFound(query)
  const [recent] = useState(() => lastRoom.all(user.id))
  const places = find(useStillRooms(), people, query, recent)
  const at = Math.min(chosen, places.length - 1)
  const note = people.problem || (places.length > 0 ? '' : noteOn(people))

  const go = async (place: Place | undefined) => {
    if (!place) return
    onClose()
    try {
      const room = place.room ?? (await rooms.openDirect(place.person.id))
      navigate(`/r/${room.id}`)
    } catch (failure) {
      warn(explain(failure))
    }
  }

  const pressed = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || places.length === 0) return
    if (event.key === 'Enter') void go(places[at])
    else if (event.key === 'ArrowDown') setChosen((at + 1) % places.length)
    else if (event.key === 'ArrowUp') setChosen((at + places.length - 1) % places.length)
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
          aria-activedescendant={places.length > 0 ? `${listId}-${at}` : undefined}
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
      <div id={listId} role="listbox" aria-label={t('switcher.title')} className={styles.list}>
        {places.map((place, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, as in every combobox.
          <div
            key={place.room ? `room ${place.room.id}` : `person ${place.person.id}`}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            className={styles.option}
            onClick={() => void go(place)}
            onPointerMove={() => setChosen(index)}
          >
            {place.room ? <Room room={place.room} /> : <Person person={place.person} />}
          </div>
        ))}
      </div>
      <p role="status" className={note ? styles.none : 'visually-hidden'}>
        {note || t('switcher.count', { count: places.length })}
      </p>
    </Dialog>
  )
}

function Room({ room }: { room: RoomInfo }) {
  const { peer } = room
  if (peer) return <Person person={{ ...peer, name: titleFor(room) }} />
  return (
    <>
      <span className={styles.sign}>
        <RoomIcon kind={room.kind} size={16} />
      </span>
      <bdi className={styles.name}>{titleFor(room)}</bdi>
      <span className={styles.about}>{t('rooms.members', { count: room.members })}</span>
    </>
  )
}

function Person({ person: { id, name, handle } }: { person: PersonInfo }) {
  return (
    <>
      <span className={styles.sign}>
        <Avatar id={id} name={name} size="tiny" />
      </span>
      <bdi className={styles.name}>{name}</bdi>
      <bdi className={styles.about}>@{handle}</bdi>
    </>
  )
}

function noteOn({ searching }: Found): string {
  return t(searching ? 'picker.searching' : 'switcher.none')
}

/** The best fits first, of those that fit alike the rooms of late; behind them whom the server has found. */
function find(
  rooms: readonly RoomInfo[],
  { known, others }: Found,
  query: string,
  recent: readonly number[],
): Place[] {
  const word = wordOf(query)
  // Whom one talks with already is a place in the list of rooms.
  const peers = new Set(rooms.map(({ peer }) => peer?.id))
  const strangers = (people: readonly PersonInfo[]) =>
    word ? people.filter(({ id }) => !peers.has(id)).map((person) => ({ person })) : []
  const near: Place[] = [...rooms.map((room) => ({ room })), ...strangers(known)]
  const worth = ({ room, person }: Place) => (room ? fitOfRoom(word, room) : fitOf(word, person))
  const rank = ({ room }: Place) => {
    if (!room) return 0
    const at = recent.indexOf(room.id)
    return (at < 0 ? 0 : recent.length - at) + (room.role ? 0.5 : 0)
  }
  const fitting = near
    .map((place) => ({ place, fits: worth(place), rank: rank(place) }))
    .filter(({ fits }) => fits > 0)
    .sort((a, b) => b.fits - a.fits || b.rank - a.rank)
    .map(({ place }) => place)
  return [...fitting, ...strangers(others)].slice(0, shown)
}

function fitOfRoom(word: string, room: RoomInfo): number {
  return Math.max(score(word, titleFor(room)), room.peer ? fitOf(word, room.peer) : 0)
}
