/** Bounds of the waits between attempts, in milliseconds. */
export interface Bounds {
  first: number
  most: number
}

/**
 * Wait is how long to wait before the attempt-th try (0, 1, 2 …): a random
 * time between half and all of a span that doubles up to the bound, so that
 * many clients that lost the same server do not come back at the same moment.
 */
export function wait(attempt: number, { first, most }: Bounds, random: () => number = Math.random): number {
  const span = Math.min(most, first * 2 ** Math.min(attempt, 30))
  return Math.round(span * (0.5 + random() / 2))
}
