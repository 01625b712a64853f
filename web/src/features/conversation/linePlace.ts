import type { Line } from '../../conversation/timeline'

/** Where the line stands, seen from the rows that are in sight. */
export type Place = 'above' | 'below' | 'in sight' | 'nowhere'

/** What is known of the rows in the page, and of where the line stands among them. */
export interface Rows {
  /** Seqs of the first and the last event among them; 0 while there is none. */
  first: number
  last: number
  /** They go on below, with what is not in the page. */
  more: boolean
  /** Upper and lower edge of the window over the rows, in pixels. */
  window: { top: number; bottom: number }
  /** The line's own edges, when it is among the rows. */
  line: { top: number; bottom: number } | undefined
}

/** PlaceOf is where the line stands. What nobody has said anything behind has no line. */
export function placeOf({ after }: Line, { first, last, more, window, line }: Rows): Place {
  if (line) {
    if (line.bottom <= window.top) return 'above'
    return line.top >= window.bottom ? 'below' : 'in sight'
  }
  if (first > after + 1) return 'above'
  return more && last <= after ? 'below' : 'nowhere'
}
