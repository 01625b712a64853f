import { createStore } from 'zustand/vanilla'
import { type Coming, News } from '../../conversation/news'
import { preferenceFor } from '../../conversation/preferences'
import { type Here, within, worth } from '../../conversation/telling'
import type { Workspace } from '../../conversation/workspace'
import { type Event, RoomChange, type RoomChanged } from '../../protocol/types'
import { addressOf } from '../rooms/address'
import { Board, type Notice } from './board'
import { chime } from './chime'
import { Pages } from './pages'
import { permission } from './permission'
import { wanted } from './wanted'
import { wordsOf, wordsOfMany } from './words'

/** What comes within so many milliseconds is told together: what was missed comes in pieces. */
const gather = 500
/** In more rooms than these at once, one notification speaks of all of them. */
const mostRooms = 3

/** Missed says that something came which could have been told, while nobody looked at the page. */
export const missed = createStore<boolean>(() => false)

/** Something of which so many messages are worth telling. */
interface Worth {
  coming: Coming
  count: number
}

/** Teller tells the person, by notifications of the browser, what comes while the page is open. */
export class Teller {
  readonly #workspace: Workspace
  readonly #news = new News()
  readonly #pages: Pages
  readonly #board: Board
  readonly #ends: (() => void)[] = []
  #attentive = false
  /** Whether the whole list was here at the last look: a room that comes behind it is new. */
  #allKnown = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Open is called with the address that a click on a notification leads to. */
  constructor(workspace: Workspace, open: (address: string | undefined) => void) {
    this.#workspace = workspace
    this.#pages = new Pages(workspace.user.id)
    this.#board = new Board(open)
    const { rooms, reads, client } = workspace
    this.#look()
    this.#ends.push(
      workspace.onArrival((roomId, event) => this.#arrived(roomId, event)),
      client.on<RoomChanged>(RoomChange, (change) => this.#changed(change)),
      rooms.state.subscribe(() => this.#soon()),
      reads.state.subscribe(() => this.#soon()),
      onPageHide(() => this.#board.leave()),
      wanted.subscribe(({ on }) => on || this.#board.clear()),
    )
    this.#soon()
  }

  /** Look says which room the page shows; attentive: to somebody. */
  look(roomId: number | undefined, attentive: boolean): void {
    this.#attentive = attentive
    this.#pages.look(attentive ? roomId : undefined)
  }

  /** Stop takes everything away that is shown, and lets another page tell. */
  stop(): void {
    clearTimeout(this.#timer)
    for (const end of this.#ends.splice(0)) end()
    this.#board.clear()
    this.#pages.close()
  }

  #arrived(roomId: number, event: Event): void {
    const { user } = this.#workspace
    const { kind, seq = 0, targetSeq = 0, userName: name = '', messageText: text = '', mentions } = event
    if (kind === 'delete') this.#deleted(roomId, targetSeq)
    if (kind !== 'message' || event.deleted || event.userId === user.id) return
    this.#news.heard(roomId, { seq, name, text, names: mentions?.includes(user.id) ?? false })
    this.#soon()
  }

  /** What the server tells in short of a room that is not open has its last message with it. */
  #changed({ roomId, last }: RoomChanged): void {
    if (!last || last.userId === this.#workspace.user.id) return
    const { seq, userName: name = '', text = '', deleted } = last
    if (deleted) this.#deleted(roomId, seq)
    else this.#news.heard(roomId, { seq, name, text })
  }

  #deleted(roomId: number, seq: number): void {
    this.#news.deleted(roomId, seq)
    this.#board.retract(roomId, seq)
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#tell()
    }, gather)
  }

  async #tell(): Promise<void> {
    const news = this.#look()
    await this.#board.renew()
    this.#settle()
    if (news.length === 0) return
    const looked = await this.#pages.lookedAt(news.map(({ room }) => room.id))
    const telling = news
      .map((coming) => ({ coming, count: this.#worth(coming, looked.has(coming.room.id)) }))
      .filter(({ count }) => count > 0)
    const notices = telling.length > mostRooms ? [this.#ofMany(telling)] : telling.map((one) => this.#of(one))
    // Each is shown; one of them is enough to be heard.
    const heard = notices.map((notice) => this.#board.show(notice)).includes(true)
    const { sound, volume } = wanted.getState()
    if (heard && sound) chime(volume)
    // It may have been read while the pages were asked.
    this.#settle()
  }

  #look(): Coming[] {
    const { rooms, reads } = this.#workspace
    const { rooms: list, loaded } = rooms.state.getState()
    const news = this.#news.look(list, reads.state.getState(), this.#allKnown)
    this.#allKnown = loaded
    return news
  }

  #worth(coming: Coming, looking: boolean): number {
    const { on, quiet, hours } = wanted.getState()
    const permitted = permission.getState()
    const here: Here = {
      on: on && permitted === 'granted',
      teller: this.#pages.teller,
      looking,
      quiet: quiet && within(hours, new Date()),
      status: this.#workspace.ownStatus.state.getState().status,
    }
    const { id, kind } = coming.room
    const preference = preferenceFor(this.#workspace.preferences.state.getState(), id)
    const asked = permitted !== 'default' || this.#attentive
    if (!asked && worth(coming, kind, preference, { ...here, on: true, teller: true }) > 0)
      missed.setState(true, true)
    return this.#untold(coming, worth(coming, kind, preference, here))
  }

  /** Of so many messages, those of which nothing speaks that stands: a page that begins with what was seen earlier does not know what another one has told. */
  #untold({ room, unread }: Coming, count: number): number {
    if (unread === 0) return count
    return Math.min(count, Math.max(0, room.head.n - this.#board.toldUpTo(room.id)))
  }

  #of({ coming, count }: Worth): Notice {
    const { room, unread, mentions, last, naming } = coming
    const tag = tagOf(room.id)
    const total = this.#board.count(tag) + count
    // What is told may be less than what came: then it is what names the person.
    const named = count < unread || unread === 0
    const line = count > 1 ? undefined : named && mentions > 0 ? naming : last
    return {
      ...wordsOf({ room, count: total, naming: named, line }, wanted.getState().hide),
      tag,
      rooms: new Map([[room.id, room.head.n]]),
      count: total,
      seq: line?.seq,
      address: addressOf(room.id, line?.seq),
    }
  }

  #ofMany(telling: readonly Worth[]): Notice {
    const count = telling.reduce((sum, one) => sum + one.count, 0)
    return {
      ...wordsOfMany(telling.length, count, wanted.getState().hide),
      tag: tagOf(),
      rooms: new Map(telling.map(({ coming: { room } }) => [room.id, room.head.n])),
      count,
    }
  }

  /** Takes away what is read, here or elsewhere, and what is of rooms that the person is in no more. */
  #settle(): void {
    const { rooms, reads } = this.#workspace
    // What an earlier page has told cannot be judged before.
    if (!rooms.state.getState().loaded) return
    this.#board.settle((roomId, n) => !rooms.get(roomId)?.role || (reads.get(roomId)?.n ?? 0) >= n)
  }
}

function onPageHide(act: () => void): () => void {
  window.addEventListener('pagehide', act)
  return () => window.removeEventListener('pagehide', act)
}

/** TagOf is what lets a notification of a room replace the one before; without a room, that of many rooms. */
function tagOf(roomId?: number): string {
  return `parley.${roomId ?? 'rooms'}`
}
