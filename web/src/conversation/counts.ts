import { createStore, type StoreApi } from 'zustand/vanilla'
import { shallow } from 'zustand/vanilla/shallow'
import type { RoomInfo } from '../protocol/types'
import { oncePerFrame } from './frame'
import { counted, type PreferenceMap, preferenceFor, told } from './preferences'
import type { Pointers } from './reads'
import type { RoomsView } from './rooms'

/** How many messages wait, by the room's id; a room in which none wait is left out. */
export type ByRoom = Readonly<Record<number, number>>

/** Counts is what waits for the person in all rooms. Each part stays the same object as long as it says the same. */
export interface Counts {
  unread: ByRoom
  /** Those of the unread that name the person. */
  mentions: ByRoom
  /** What the list of rooms shows. */
  counted: ByRoom
  /** Of how many messages the page's title and icon speak. */
  told: number
}

interface Sources {
  rooms: StoreApi<RoomsView>
  reads: StoreApi<Pointers>
  preferences: StoreApi<PreferenceMap>
}

/**
 * CountsOf counts what waits, once for everybody who shows it. What is read
 * while messages come is counted once per frame. With the list of rooms, which
 * says how far they have come, the counts change at once.
 */
export function countsOf({ rooms, reads, preferences }: Sources): StoreApi<Counts> {
  const now = () => counts(rooms.getState().rooms, reads.getState(), preferences.getState())
  const state = createStore<Counts>(now)
  const count = () => {
    later.cancel()
    state.setState(kept(state.getState(), now()))
  }
  const later = oncePerFrame(count)
  rooms.subscribe((view, before) => view.rooms !== before.rooms && count())
  preferences.subscribe(count)
  reads.subscribe(later.soon)
  return state
}

/** Unread is how many messages of the room came behind the pointer; 0 when that is not known. */
export function unread(room: RoomInfo, pointers: Pointers): number {
  const read = pointers[room.id]
  return room.role && read ? Math.max(0, room.head.n - read.n) : 0
}

function counts(rooms: readonly RoomInfo[], pointers: Pointers, preferences: PreferenceMap): Counts {
  const found = {
    unread: {} as Record<number, number>,
    mentions: {} as Record<number, number>,
    counted: {} as Record<number, number>,
    told: 0,
  }
  for (const room of rooms) {
    const { id, kind } = room
    const waiting = { unread: unread(room, pointers), mentions: pointers[id]?.mentions ?? 0 }
    if (waiting.unread === 0) continue
    found.unread[id] = waiting.unread
    if (waiting.mentions > 0) found.mentions[id] = waiting.mentions
    const preference = preferenceFor(preferences, id)
    const shown = counted(preference, waiting)
    if (shown > 0) found.counted[id] = shown
    found.told += told(preference, waiting, kind)
  }
  return found
}

/** The counts of now, with the objects of before where they say the same. */
function kept(before: Counts, now: Counts): Counts {
  const part = (name: 'unread' | 'mentions' | 'counted') =>
    shallow(before[name], now[name]) ? before[name] : now[name]
  const same = {
    unread: part('unread'),
    mentions: part('mentions'),
    counted: part('counted'),
    told: now.told,
  }
  return shallow(before, same) ? before : same
}
