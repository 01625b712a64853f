import { type Preference, told, type Waiting } from './preferences'

/** Here is how it stands on this page when something comes. */
export interface Here {
  /** The person wants notifications on this device, and the browser shows them. */
  on: boolean
  /** Of the pages of this browser this is the one that tells. */
  teller: boolean
  /** Somebody looks at the room, on whichever page of this browser. */
  looking: boolean
  /** The person's hours in which nothing is told. */
  quiet: boolean
  /** How the person has chosen to be shown to others. */
  status: string
}

/** Worth is of how many of the messages that have come in a room a notification tells; 0: there is none. */
export function worth(coming: Waiting, kind: string, preference: Preference, here: Here): number {
  const silent = !here.on || !here.teller || here.looking || here.quiet || here.status === 'dnd'
  return silent ? 0 : told(preference, coming, kind)
}

/** A span of every day, between two times like 22:00. */
export interface Span {
  from: string
  until: string
}

/**
 * Within says whether a time of day lies in the span. One that ends before it
 * begins goes over midnight; one that ends where it begins is none.
 */
export function within({ from, until }: Span, at: Date): boolean {
  const minute = at.getHours() * 60 + at.getMinutes()
  const [begin, end] = [minuteOf(from), minuteOf(until)]
  if (begin === undefined || end === undefined) return false
  return begin <= end ? begin <= minute && minute < end : minute >= begin || minute < end
}

/** The minute of the day that a time like 07:30 names; undefined when it names none. */
function minuteOf(time: string): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}
