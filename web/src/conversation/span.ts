import type { Event } from '../protocol/types'

/**
 * Span is the part of a room's events that stands in the page: from the event
 * with seq `from` to the one with seq `to`, or on to whatever comes when `to`
 * is undefined. It is bounded, so a long history costs no more than a short one.
 */
export interface Span {
  from: number
  to: number | undefined
}

/** Events in the page at most; while somebody reads above live messages, a little more. */
export const spanSize = 250
export const spanStep = 50
const opened = 100
const atBottom = 150
const leeway = 100

/** Latest is the span that shows the end of the log. */
export function latest(events: readonly Event[], size = opened): Span {
  return { from: seqAt(events, Math.max(0, events.length - size)), to: undefined }
}

/** Around is the span that has the event with this seq, or the next one, in its middle. */
export function around(events: readonly Event[], seq: number): Span {
  const at = firstAtLeast(events, seq)
  const end = at + opened
  return {
    from: seqAt(events, Math.max(0, at - opened)),
    to: end >= events.length ? undefined : seqAt(events, end - 1),
  }
}

/** Older is the span moved up by a step, and whether more is held above it. */
export function older(events: readonly Event[], span: Span): Span | undefined {
  const { start, end } = bounds(events, span)
  if (start === 0) return undefined
  const moved = Math.max(0, start - spanStep)
  return {
    from: seqAt(events, moved),
    to: end - moved > spanSize ? seqAt(events, moved + spanSize - 1) : span.to,
  }
}

/** Newer is the span moved down by a step; undefined when it reaches the end already. */
export function newer(events: readonly Event[], span: Span): Span | undefined {
  if (span.to === undefined) return undefined
  const { start, end } = bounds(events, span)
  const moved = Math.min(events.length, end + spanStep)
  return {
    from: seqAt(events, Math.max(start, moved - spanSize)),
    to: moved === events.length ? undefined : seqAt(events, moved - 1),
  }
}

/**
 * Bounded is the span cut to its size after the log has grown: from the top
 * when the reader is at the bottom, else from the bottom, out of sight.
 */
export function bounded(events: readonly Event[], span: Span, stuck: boolean): Span {
  const { start, end } = bounds(events, span)
  if (stuck && span.to === undefined)
    return end - start > spanSize ? { from: seqAt(events, end - atBottom), to: undefined } : span
  if (end - start <= spanSize + leeway) return span
  return { from: span.from, to: seqAt(events, start + spanSize - 1) }
}

/** Inside is the events of the span. */
export function inside(events: readonly Event[], span: Span): readonly Event[] {
  const { start, end } = bounds(events, span)
  return events.slice(start, end)
}

function bounds(events: readonly Event[], { from, to }: Span): { start: number; end: number } {
  const start = firstAtLeast(events, from)
  const end = to === undefined ? events.length : firstAtLeast(events, to + 1)
  return { start, end: Math.max(start, end) }
}

/** Index of the first event with a seq of at least this; the number of events when there is none. */
function firstAtLeast(events: readonly Event[], seq: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (seqAt(events, middle) < seq) low = middle + 1
    else high = middle
  }
  return low
}

function seqAt(events: readonly Event[], index: number): number {
  return events[index]?.seq ?? 0
}
