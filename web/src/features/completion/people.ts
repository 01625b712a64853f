import type { Members } from '../../conversation/members'
import type { People } from '../../conversation/people'
import type { Workspace } from '../../conversation/workspace'
import type { PersonInfo } from '../../protocol/types'
import type { Option, Source } from './completing'
import { rankOf } from './rank'

export interface PersonOption extends Option {
  kind: 'person'
  person: PersonInfo
  /** Known, and not a member of the room: a mention does not reach them. */
  outside: boolean
}

const shown = 20
/** Pages of members that are read; of a larger room, those on further pages are found when the device knows them. */
const mostPages = 5

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** PeopleSource knows who can be named in a room: its members, and behind them whom one knows from elsewhere. */
export class PeopleSource implements Source<PersonOption> {
  readonly least = 0
  readonly #workspace: Workspace
  readonly #roomId: number
  #members: Members | undefined
  #learning: Promise<void> | undefined
  #end: (() => void) | undefined

  constructor(workspace: Workspace, roomId: number) {
    this.#workspace = workspace
    this.#roomId = roomId
  }

  find(query: string): readonly PersonOption[] {
    const view = this.#members?.state.getState()
    const inside = view?.members ?? []
    const here = new Set(inside.map(({ id }) => id))
    const { people, user } = this.#workspace
    // Of a room that was not read to its end nobody can be said not to be in it.
    const whole = view?.loaded === true && !view.more
    const found = [
      ...fitting(inside, query).map((person) => option(person, false, query)),
      ...fitting(others(people, here), query).map((person) => option(person, whole, query)),
    ]
    return found.filter(({ person }) => person.id !== user.id).slice(0, shown)
  }

  /** Learn reads who is in the room, once, and follows that from then on. */
  learn(): Promise<void> | undefined {
    if (this.#members) return this.#learning
    const members = this.#workspace.members(this.#roomId)
    this.#members = members
    this.#end = this.#workspace.onArrival((roomId, { kind }) => {
      if (roomId === this.#roomId) members.happened(kind)
    })
    this.#learning = this.#read(members).finally(() => {
      this.#learning = undefined
    })
    return this.#learning
  }

  close(): void {
    this.#end?.()
    this.#members?.close()
    this.#members = undefined
  }

  async #read(members: Members): Promise<void> {
    const { people, rooms } = this.#workspace
    try {
      await Promise.all([members.refresh(), people.gather(rooms.state.getState().rooms)])
      for (let page = 1; page < mostPages && members.state.getState().more; page++) await members.more()
    } catch {
      // What is known is offered.
    }
  }
}

function others(people: People, here: ReadonlySet<number>): readonly PersonInfo[] {
  return people.known.filter(({ id }) => !here.has(id))
}

/** Those whose name or handle fits: the best first. */
function fitting(people: readonly PersonInfo[], query: string): readonly PersonInfo[] {
  return people
    .map((person) => ({ person, rank: Math.max(rankOf(query, person.name), rankOf(query, person.handle)) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank || byName.compare(a.person.name, b.person.name))
    .map(({ person }) => person)
}

function option(person: PersonInfo, outside: boolean, query: string): PersonOption {
  return {
    kind: 'person',
    id: `person-${person.id}`,
    text: `@${person.handle}`,
    complete: query.toLowerCase() === person.handle,
    person,
    outside,
  }
}
