import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ChangeSettingsBody, RoomInfo, RoomSettings, SettingsOfRoom } from '../protocol/types'
import type { Call } from './members'

/** Of which messages of a room a person wants to be told. */
export type NotifyLevel = 'all' | 'mentions' | 'none'

/** How the person wants a room to be shown. */
export interface Preference {
  starred: boolean
  muted: boolean
  notify: NotifyLevel
  /** Where it stands among the starred: those with less come first, of equals the smaller id. */
  place: number
}

export type PreferenceMap = Readonly<Record<number, Preference>>

const asEverybody: Preference = { starred: false, muted: false, notify: 'all', place: 0 }

/** PreferenceFor is how the person wants a room to be shown; as nobody has said when they have not. */
export function preferenceFor(preferences: PreferenceMap, roomId: number): Preference {
  return preferences[roomId] ?? asEverybody
}

/**
 * Preferences is how the person wants their rooms to be shown: the same on all
 * of their devices, because the server keeps it. What is changed here shows at
 * once, and goes back when the server refuses it.
 */
export class Preferences {
  readonly state: StoreApi<PreferenceMap> = createStore<PreferenceMap>(() => ({}))
  readonly #call: Call
  readonly #kept = new Map<number, RoomSettings>()
  /** Changes that the server has not answered yet, in their order. */
  readonly #underWay = new Map<number, readonly ChangeSettingsBody[]>()

  constructor(call: Call) {
    this.#call = call
  }

  /** Take takes over what the server keeps, unless something later is known here. */
  take({ roomId, settings }: SettingsOfRoom): void {
    const known = this.#kept.get(roomId)
    if (known && known.version >= settings.version) return
    this.#kept.set(roomId, settings)
    this.#show(roomId)
  }

  /** Met takes over what a room's description says. */
  met({ id, settings }: RoomInfo): void {
    if (settings) this.take({ roomId: id, settings })
  }

  /** Kept is what the server keeps of a room, as far as this device knows. */
  kept(roomId: number): RoomSettings | undefined {
    return this.#kept.get(roomId)
  }

  /** Change changes something; it rejects when the server does not do it. */
  async change(roomId: number, change: ChangeSettingsBody): Promise<void> {
    this.#set(roomId, [...this.#changing(roomId), change])
    try {
      const settings = await this.#call<RoomSettings>('PATCH', `/rooms/${roomId}/settings`, change)
      this.take({ roomId, settings })
    } finally {
      this.#set(
        roomId,
        this.#changing(roomId).filter((other) => other !== change),
      )
    }
  }

  #changing(roomId: number): readonly ChangeSettingsBody[] {
    return this.#underWay.get(roomId) ?? []
  }

  #set(roomId: number, underWay: readonly ChangeSettingsBody[]): void {
    if (underWay.length > 0) this.#underWay.set(roomId, underWay)
    else this.#underWay.delete(roomId)
    this.#show(roomId)
  }

  #show(roomId: number): void {
    const kept = this.#kept.get(roomId) ?? asEverybody
    const shown: RoomSettings | Preference = Object.assign({}, kept, ...this.#changing(roomId))
    const { starred, muted, notify, place } = shown
    // A new star comes last; the server says where that is.
    const last = starred && !kept.starred && place === kept.place
    const preference: Preference = {
      starred,
      muted,
      notify: notify as NotifyLevel,
      place: last ? Number.MAX_SAFE_INTEGER : place,
    }
    this.state.setState({ ...this.state.getState(), [roomId]: preference }, true)
  }
}

/** What in a room waits for the person. */
export interface Waiting {
  unread: number
  mentions: number
}

/** Counted is what the list shows of a room: of a muted one the messages alone that name the person. */
export function counted({ muted }: Preference, { unread, mentions }: Waiting): number {
  return muted ? mentions : unread
}

/**
 * Told is of how many messages the person wants to be told: in the page's title
 * and icon, and by notifications. Between two people every message is meant for
 * the person, so that there a level for mentions alone is one for all.
 */
export function told(preference: Preference, waiting: Waiting, kind: string): number {
  if (preference.notify === 'none') return 0
  return preference.notify === 'mentions' && kind !== 'direct'
    ? waiting.mentions
    : counted(preference, waiting)
}
