import { createStore, type StoreApi } from 'zustand/vanilla'
import type { PersonInfo, RoomInfo } from '../protocol/types'

/** Whom and which rooms this device knows by what stands in messages: handles, and names in small letters. */
export interface Known {
  people: ReadonlyMap<string, PersonInfo>
  rooms: ReadonlyMap<string, number>
}

/** A piece of a text: words, or words that name a person or a room. */
export type NamePiece = { text: string; person?: PersonInfo; room?: number }

/** Names keeps what messages may name, and tells when that has changed. */
export class Names {
  readonly state: StoreApi<Known> = createStore<Known>(() => ({ people: new Map(), rooms: new Map() }))

  /** Met takes over people that were seen somewhere. */
  met(people: readonly PersonInfo[]): void {
    const known = this.state.getState().people
    const news = people.filter((person) => known.get(person.handle)?.id !== person.id)
    if (news.length === 0) return
    this.state.setState({ people: new Map([...known, ...news.map((one) => [one.handle, one] as const)]) })
  }

  /** Listed takes the list of rooms. Of two with one name the one that the person is in is meant. */
  listed(rooms: readonly RoomInfo[], before: readonly RoomInfo[]): void {
    if (
      rooms.length === before.length &&
      rooms.every(({ id, name }, at) => id === before[at]?.id && name === before[at].name)
    )
      return
    const named = rooms.filter(({ kind, name }) => kind !== 'direct' && name !== '')
    const inOrder = [...named.filter(({ role }) => !role), ...named.filter(({ role }) => role)]
    this.state.setState({ rooms: new Map(inOrder.map(({ id, name }) => [name.toLowerCase(), id])) })
  }
}

/** Where a name may begin: as the server reads it for people, and as the composer offers it for rooms. */
const beginning = /(?<![\p{L}\p{N}._+@-])@[a-z0-9._-]{2,}(?!@)|(?<![\p{L}\p{N}#&/])#(?=[^\s#])/giu

/** Characters of a room's name at most. */
const longest = 80

/** Named cuts a text into words and names that are known. Joined together the pieces are the text. */
export function named(text: string, { people, rooms }: Known): NamePiece[] {
  const pieces: NamePiece[] = []
  let end = 0
  const add = (at: number, piece: NamePiece) => {
    if (at > end) pieces.push({ text: text.slice(end, at) })
    pieces.push(piece)
    end = at + piece.text.length
  }
  for (const { 0: found, index } of text.matchAll(beginning)) {
    if (index < end) continue
    if (found.startsWith('@')) {
      // Punctuation at the end may belong to the handle, or to the sentence.
      for (let name = found; name.length > 2; name = name.slice(0, -1)) {
        const person = people.get(name.slice(1).toLowerCase())
        if (person) add(index, { text: name, person })
        if (person || !/[._-]$/.test(name)) break
      }
    } else {
      const name = roomAt(text, index + 1, rooms)
      if (name) add(index, { text: `#${name}`, room: rooms.get(name.toLowerCase()) ?? 0 })
    }
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}

/** The longest name of a room that stands in a text at a place, and ends where a word does. */
function roomAt(text: string, at: number, rooms: ReadonlyMap<string, number>): string | undefined {
  const most = Math.min(longest, text.length - at)
  for (let length = most; rooms.size > 0 && length > 0; length--) {
    const name = text.slice(at, at + length)
    if (rooms.has(name.toLowerCase()) && !/^[\p{L}\p{N}_]/u.test(text.slice(at + length))) return name
  }
  return undefined
}
