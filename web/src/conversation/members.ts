import { newCid } from 'parley-client'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Method } from '../connection/rest'
import type {
  Changed,
  InviteMember,
  LinkInfo,
  LinkList,
  MemberInfo,
  MemberPage,
  NewLink,
  SetRole,
} from '../protocol/types'
import { showPictures } from './pictures'

export type Call = <Answer>(method: Method, path: string, body?: unknown) => Promise<Answer>

export interface MembersView {
  members: readonly MemberInfo[]
  loaded: boolean
  /** There are more than have been read. */
  more: boolean
  failed: boolean
}

const page = 200

/** Events of one moment cost one reading, after so many milliseconds. */
const gather = 200

const roles: Readonly<Record<string, number>> = { owner: 0, admin: 1 }
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Kinds of events that change who is in a room, and as what. */
const moving = new Set(['join', 'leave', 'invite', 'kick', 'ban', 'role'])

/** Members is who is in one room, read page by page, and what can be done about them. */
export class Members {
  readonly state: StoreApi<MembersView> = createStore<MembersView>(() => ({
    members: [],
    loaded: false,
    more: false,
    failed: false,
  }))
  readonly #path: string
  readonly #call: Call
  #found: MemberInfo[] = []
  #next: string | undefined
  #pages = 1
  /** Counts readings; an answer to an earlier one is no longer wanted. */
  #turn = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(roomId: number, call: Call) {
    this.#path = `/rooms/${roomId}`
    this.#call = call
  }

  /** Refresh reads again all pages that have been read, the first one to begin with. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const turn = ++this.#turn
    const found: MemberInfo[] = []
    let next: string | undefined
    try {
      for (let read = 0; read < this.#pages && (read === 0 || next); read++) {
        const answer = await this.#page(next)
        showPictures(answer.members)
        found.push(...answer.members)
        next = answer.next
      }
    } catch {
      if (turn === this.#turn) this.state.setState({ failed: true })
      return
    }
    if (turn !== this.#turn) return
    this.#show(found, next)
  }

  /** More reads the next page. */
  async more(): Promise<void> {
    if (!this.#next) return
    const turn = ++this.#turn
    const answer = await this.#page(this.#next)
    showPictures(answer.members)
    if (turn !== this.#turn) return
    this.#pages++
    this.#show([...this.#found, ...answer.members], answer.next)
  }

  /** Happened takes an event of the room; one that moves people has the list read again, a little later. */
  happened(kind: string): void {
    if (!moving.has(kind)) return
    this.#timer ??= setTimeout(() => void this.refresh(), gather)
  }

  close(): void {
    this.#turn++
    clearTimeout(this.#timer)
  }

  async invite(userId: number): Promise<void> {
    const body: InviteMember = { userId, cid: newCid() }
    await this.#call<Changed>('POST', `${this.#path}/members`, body)
    await this.refresh()
  }

  async setRole(userId: number, role: string): Promise<void> {
    const body: SetRole = { role, cid: newCid() }
    await this.#call<Changed>('PATCH', `${this.#path}/members/${userId}`, body)
    await this.refresh()
  }

  /** Remove takes the person out; they may come back when they are let in. */
  async remove(userId: number): Promise<void> {
    await this.#call<Changed>('DELETE', `${this.#path}/members/${userId}`)
    await this.refresh()
  }

  /** Ban takes the person out and keeps them out. */
  async ban(userId: number): Promise<void> {
    await this.#call<Changed>('PUT', `${this.#path}/bans/${userId}`, {})
    await this.refresh()
  }

  async links(): Promise<LinkInfo[]> {
    return (await this.#call<LinkList>('GET', `${this.#path}/links`)).links
  }

  /** MakeLink makes a link into the room; the answer alone holds its token. */
  makeLink(link: NewLink): Promise<LinkInfo> {
    return this.#call('POST', `${this.#path}/links`, link)
  }

  endLink(id: number): Promise<void> {
    return this.#call('DELETE', `${this.#path}/links/${id}`)
  }

  #page(after: string | undefined): Promise<MemberPage> {
    const from = after ? `&after=${encodeURIComponent(after)}` : ''
    return this.#call('GET', `${this.#path}/members?limit=${page}${from}`)
  }

  #show(found: MemberInfo[], next: string | undefined): void {
    this.#found = found
    this.#next = next
    this.state.setState({ members: sorted(found), loaded: true, more: next !== undefined, failed: false })
  }
}

/** Owners first, then admins, then the others, each by name. */
function sorted(members: readonly MemberInfo[]): readonly MemberInfo[] {
  const rank = ({ role }: MemberInfo) => roles[role] ?? 2
  return [...members].sort((a, b) => rank(a) - rank(b) || byName.compare(a.name, b.name) || a.id - b.id)
}
