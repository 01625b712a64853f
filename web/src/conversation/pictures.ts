import { createStore } from 'zustand/vanilla'
import type { PersonInfo } from '../protocol/types'

type Shown = Pick<PersonInfo, 'id' | 'picture'>

/** The pictures of people by their ids, as far as this page has heard; empty where somebody has none. */
export const pictures = createStore<Readonly<Record<number, string>>>(() => ({}))

/** ShowPictures takes over how people look who were told of just now. */
export function showPictures(people: readonly Shown[]): void {
  const known = pictures.getState()
  const changed = people.filter(({ id, picture = '' }) => known[id] !== picture)
  if (changed.length === 0) return
  pictures.setState(Object.fromEntries(changed.map(({ id, picture = '' }) => [id, picture])))
}

/** Milliseconds before each question: lists that are on their way may answer it, and nobody asks in a rush. */
const pause = 200

let ask: ((id: number) => Promise<Shown>) | undefined
let turn: Promise<unknown> = Promise.resolve()
const asked = new Set<number>()

/** LookUpWith says how the server is asked how somebody looks. */
export function lookUpWith(how: typeof ask): void {
  ask = how
}

/** LookUp asks for the picture of somebody of whom nothing was told, who may be in no list: once, one person after another. */
export function lookUp(id: number): void {
  if (!ask || id in pictures.getState() || asked.has(id)) return
  asked.add(id)
  turn = turn.then(async () => {
    await new Promise((resolve) => setTimeout(resolve, pause))
    if (id in pictures.getState()) return
    const shown = await ask?.(id).catch(() => undefined)
    // Without an answer, whoever shows them next asks again.
    if (!shown) asked.delete(id)
    else if (!(id in pictures.getState())) showPictures([shown])
  })
}

/** AddressOf is where a picture is. The id is made of its bytes, so browsers keep it for ever. */
export function addressOf(picture: string): string {
  return `/api/v1/pictures/${encodeURIComponent(picture)}`
}
