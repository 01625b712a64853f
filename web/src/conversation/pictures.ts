import { createStore } from 'zustand/vanilla'
import type { PersonInfo } from '../protocol/types'

/** The pictures of people by their ids, as far as this page has heard; empty where somebody has none. */
export const pictures = createStore<Readonly<Record<number, string>>>(() => ({}))

/** ShowPictures takes over how people look who were told of just now. */
export function showPictures(people: readonly Pick<PersonInfo, 'id' | 'picture'>[]): void {
  const known = pictures.getState()
  const changed = people.filter(({ id, picture = '' }) => known[id] !== picture)
  if (changed.length === 0) return
  pictures.setState(Object.fromEntries(changed.map(({ id, picture = '' }) => [id, picture])))
}

/** AddressOf is where a picture is. The id is made of its bytes, so browsers keep it for ever. */
export function addressOf(picture: string): string {
  return `/api/v1/pictures/${encodeURIComponent(picture)}`
}
