/** A starred room, where it stands among the others. */
export interface Placed {
  id: number
  place: number
}

/** What the server puts between a room that gets a star and the one before it. */
const step = 2 ** 24

/**
 * Places says which rooms get which places so that one of them comes to an index
 * of the order: that one alone, unless there is no place left between its new
 * neighbours; then all are spread anew.
 */
export function places(order: readonly Placed[], id: number, to: number): ReadonlyMap<number, number> {
  const others = order.filter((room) => room.id !== id)
  const before = others[to - 1]?.place
  const behind = others[to]?.place
  const place = between(before, behind)
  if (place !== undefined) return new Map([[id, place]])
  const ids = others.map((room) => room.id)
  ids.splice(to, 0, id)
  return new Map(ids.map((room, at) => [room, (at + 1) * step]))
}

/** A whole number between two; undefined when there is none. */
function between(before: number | undefined, behind: number | undefined): number | undefined {
  if (before === undefined && behind === undefined) return step
  const place =
    before === undefined
      ? Number(behind) - step
      : behind === undefined
        ? before + step
        : before + Math.floor((behind - before) / 2)
  const fits = (before === undefined || place > before) && (behind === undefined || place < behind)
  return fits && Number.isSafeInteger(place) ? place : undefined
}
