import { useEffect, useMemo, useState } from 'react'
import { CallError } from '../../connection/rest'
import { shortestSearch, wordOf } from '../../conversation/people'
import type { PersonInfo } from '../../protocol/types'
import { explain } from '../failure'
import { score } from '../rooms/match'
import { useRooms, useWorkspace } from '../workspace'

/** Milliseconds without a key before the server is asked. */
const pause = 250
/** Nobody waits longer than so many seconds for the next search. */
const longestWait = 60

const byName = new Intl.Collator()

/** Who fits what somebody writes. */
export interface Found {
  /** Those with whom one shares a room, the best first. */
  known: readonly PersonInfo[]
  /** Others, as the server found them. */
  others: readonly PersonInfo[]
  /** The server is asked, or about to be. */
  searching: boolean
  /** Why others cannot be found now, for people; empty when they can. */
  problem: string
}

/** What the server has said last, and to which word. */
interface Answer {
  word: string
  people: readonly PersonInfo[]
  problem: string
}

const nothing: Answer = { word: '', people: [], problem: '' }

/** UseFound finds people by what somebody writes: those one knows at once, others after a moment. */
export function useFound(query: string): Found {
  const { user } = useWorkspace()
  const word = wordOf(query)
  const all = useKnown()
  const answer = useSearch(word)
  const known = useMemo(() => best(word, all), [word, all])
  const ids = new Set(all.map(({ id }) => id))
  const others = answer.people.filter(({ id }) => id !== user.id && !ids.has(id))
  return {
    known,
    // Until the answer to this word is here, those of the last one who fit it.
    others: answer.word === word ? others : best(word, others),
    searching: searchable(word) && answer.word !== word,
    problem: answer.word === word ? answer.problem : '',
  }
}

function searchable(word: string): boolean {
  return [...word].length >= shortestSearch
}

function best(word: string, people: readonly PersonInfo[]): readonly PersonInfo[] {
  return people
    .map((person) => ({ person, fit: fitOf(word, person) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit || byName.compare(a.person.name, b.person.name))
    .map(({ person }) => person)
}

/** FitOf says how well a person fits a word: by the name, or by the handle. */
export function fitOf(word: string, { name, handle }: PersonInfo): number {
  return Math.max(score(word, name), score(word, handle))
}

/** Those with whom one shares a room. */
function useKnown(): readonly PersonInfo[] {
  const { people } = useWorkspace()
  // The rooms at the time of opening are enough.
  const [rooms] = useState(useRooms())
  const [known, setKnown] = useState(people.known)
  useEffect(() => {
    let wanted = true
    void people.gather(rooms).then(() => wanted && setKnown(people.known))
    return () => {
      wanted = false
    }
  }, [people, rooms])
  return known
}

/** The last answer of the server; one that comes when another word is written already is dropped. */
function useSearch(word: string): Answer {
  const { people } = useWorkspace()
  const [answer, setAnswer] = useState(nothing)
  useEffect(() => {
    if (!searchable(word)) return setAnswer({ ...nothing, word })
    let wanted = true
    let timer: ReturnType<typeof setTimeout>
    const ask = async () => {
      try {
        const found = await people.search(word)
        if (wanted) setAnswer({ word, people: found, problem: '' })
      } catch (failure) {
        if (!wanted) return
        setAnswer((last) => ({ word, people: best(word, last.people), problem: explain(failure) }))
        timer = setTimeout(ask, secondsTo(failure) * 1000)
      }
    }
    timer = setTimeout(ask, pause)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [people, word])
  return answer
}

/** After how many seconds it is worth asking again. */
function secondsTo(failure: unknown): number {
  const named = failure instanceof CallError ? failure.retryAfter : 0
  return Math.min(longestWait, Math.max(5, named))
}
