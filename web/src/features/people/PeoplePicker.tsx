import { Check, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useState } from 'react'
import { Avatar } from '../../design/Avatar'
import type { PersonInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { score } from '../rooms/match'
import { useRooms, useWorkspace } from '../workspace'
import styles from './PeoplePicker.module.css'

interface Props {
  chosen: readonly PersonInfo[]
  onChange: (chosen: readonly PersonInfo[]) => void
  /** Ids of people who cannot be chosen: they are there already. */
  without?: ReadonlySet<number>
}

const shown = 30
/** Milliseconds without a key before a handle is asked for. */
const pause = 250

/**
 * PeoplePicker chooses people: those with whom one shares a room, by a few
 * letters of their names, and everybody else by the exact handle.
 */
export function PeoplePicker({ chosen, onChange, without }: Props) {
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const listId = useId()
  const found = useFound(query).filter(({ id }) => !without?.has(id))
  const at = Math.min(active, found.length - 1)

  const toggle = (person: PersonInfo | undefined) => {
    if (!person) return
    const others = chosen.filter(({ id }) => id !== person.id)
    onChange(others.length < chosen.length ? others : [...chosen, person])
    setQuery('')
    setActive(0)
  }

  const pressed = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && (query !== '' || chosen.length === 0)) toggle(found[at])
    else if (event.key === 'ArrowDown' && found.length > 0) setActive((at + 1) % found.length)
    else if (event.key === 'ArrowUp' && found.length > 0) setActive((at + found.length - 1) % found.length)
    else if (event.key === 'Backspace' && query === '' && chosen.length > 0) onChange(chosen.slice(0, -1))
    else return
    event.preventDefault()
  }

  return (
    <>
      <div className={styles.search}>
        {chosen.map((person) => (
          <button
            key={person.id}
            type="button"
            className={styles.chip}
            aria-label={t('picker.remove', { name: person.name })}
            onClick={() => toggle(person)}
          >
            <bdi>{person.name}</bdi>
            <X size={13} aria-hidden />
          </button>
        ))}
        <input
          className={styles.input}
          role="combobox"
          aria-label={t('picker.label')}
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={found.length > 0 ? `${listId}-${at}` : undefined}
          aria-autocomplete="list"
          placeholder={chosen.length === 0 ? t('picker.placeholder') : ''}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value)
            setActive(0)
          }}
          onKeyDown={pressed}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-focus
          dir="auto"
        />
      </div>
      <div className={styles.list}>
        <div id={listId} role="listbox" aria-label={t('picker.people')} aria-multiselectable>
          {found.map((person, index) => {
            const picked = chosen.some(({ id }) => id === person.id)
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, as in every combobox.
              <div
                key={person.id}
                id={`${listId}-${index}`}
                role="option"
                aria-selected={picked}
                tabIndex={-1}
                data-active={index === at || undefined}
                className={styles.option}
                onClick={() => toggle(person)}
                onPointerMove={() => setActive(index)}
              >
                <Avatar id={person.id} name={person.name} size="small" />
                <span className={styles.who}>
                  <bdi>{person.name}</bdi>
                  <bdi className={styles.handle}>@{person.handle}</bdi>
                </span>
                {picked && <Check size={17} aria-hidden />}
              </div>
            )
          })}
        </div>
        <p role="status" className={found.length === 0 ? styles.note : 'visually-hidden'}>
          {found.length === 0 ? t('picker.none') : t('picker.count', { count: found.length })}
        </p>
      </div>
    </>
  )
}

/** Who fits the query: the best first. */
function useFound(query: string): readonly PersonInfo[] {
  const { people } = useWorkspace()
  const rooms = useRooms()
  const [known, setKnown] = useState(people.known)

  // The rooms at the time of opening are enough to begin with.
  const [asked] = useState(rooms)
  useEffect(() => {
    let wanted = true
    void people.gather(asked).then(() => wanted && setKnown(people.known))
    return () => {
      wanted = false
    }
  }, [people, asked])

  useEffect(() => {
    if (query.trim().length < 2) return
    const timer = setTimeout(() => {
      people
        .byHandle(query)
        .then(() => setKnown(people.known))
        .catch(() => undefined)
    }, pause)
    return () => clearTimeout(timer)
  }, [people, query])

  const wanted = query.trim().replace(/^@/, '')
  return known
    .map((person) => ({ person, fit: Math.max(score(wanted, person.name), score(wanted, person.handle)) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit || a.person.name.localeCompare(b.person.name))
    .slice(0, shown)
    .map(({ person }) => person)
}
