import { Check, X } from 'lucide-react'
import { type KeyboardEvent, useId, useState } from 'react'
import { shortestSearch, wordOf } from '../../conversation/people'
import { Avatar } from '../../design/Avatar'
import type { PersonInfo } from '../../protocol/types'
import { t } from '../../text/text'
import styles from './PeoplePicker.module.css'
import { type Found, useFound } from './useFound'

interface Props {
  chosen: readonly PersonInfo[]
  onChange: (chosen: readonly PersonInfo[]) => void
  /** Ids of people who cannot be chosen: they are there already. */
  without?: ReadonlySet<number>
}

const shown = 30

/**
 * PeoplePicker chooses people: those with whom one shares a room first, and
 * then whoever else is found by the beginning of a name.
 */
export function PeoplePicker({ chosen, onChange, without }: Props) {
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const listId = useId()
  const answer = useFound(query)
  const found = [...answer.known, ...answer.others].filter(({ id }) => !without?.has(id)).slice(0, shown)
  const note = noteOn(query, answer, found.length)
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
        <p role="status" className={note ? styles.note : 'visually-hidden'}>
          {note || t('picker.count', { count: found.length })}
        </p>
      </div>
    </>
  )
}

/** What there is to say beside the list; empty when the list says it all. */
function noteOn(query: string, { searching, problem }: Found, count: number): string {
  if (problem) return problem
  if (count > 0) return ''
  if (searching) return t('picker.searching')
  return t([...wordOf(query)].length < shortestSearch ? 'picker.hint' : 'picker.none')
}
