import { locale, t } from './text'

// Dates and times as the language that is spoken writes them.

interface Formats {
  locale: string
  clock: Intl.DateTimeFormat
  full: Intl.DateTimeFormat
  short: Intl.DateTimeFormat
  dayOfYear: Intl.DateTimeFormat
  dayOfAnyYear: Intl.DateTimeFormat
  ago: Intl.RelativeTimeFormat
}

/** Units of time, and how many minutes they have. */
const units = [
  ['minute', 1],
  ['hour', 60],
  ['day', 1_440],
  ['week', 10_080],
  ['month', 43_200],
  ['year', 525_600],
] as const

let made: Formats | undefined

function formats(): Formats {
  const wanted = locale()
  if (made?.locale !== wanted)
    made = {
      locale: wanted,
      clock: new Intl.DateTimeFormat(wanted, { hour: 'numeric', minute: '2-digit' }),
      full: new Intl.DateTimeFormat(wanted, { dateStyle: 'full', timeStyle: 'medium' }),
      short: new Intl.DateTimeFormat(wanted, { dateStyle: 'medium', timeStyle: 'short' }),
      dayOfYear: new Intl.DateTimeFormat(wanted, { weekday: 'long', month: 'long', day: 'numeric' }),
      dayOfAnyYear: new Intl.DateTimeFormat(wanted, { dateStyle: 'long' }),
      ago: new Intl.RelativeTimeFormat(wanted, { numeric: 'always' }),
    }
  return made
}

/** The minute that was written last: most rows that come together are of one. */
let written: { by: Formats; minute: number; text: string } | undefined

/** ClockTime is the hour and minute. */
export function clockTime(at: number): string {
  const by = formats()
  const minute = Math.floor(at / 60_000)
  if (written?.by !== by || written.minute !== minute) written = { by, minute, text: by.clock.format(at) }
  return written.text
}

/** BriefTime is the hour and minute alone, without the half of the day, for where its words have no room. */
export function briefTime(at: number): string {
  return formats()
    .clock.formatToParts(at)
    .map(({ type, value }) => (type === 'dayPeriod' ? '' : value))
    .join('')
    .trim()
}

/** FullTime is date and time with seconds. */
export function fullTime(at: number): string {
  return formats().full.format(at)
}

/** ShortTime is date and time, short enough for a list. */
export function shortTime(at: number): string {
  return formats().short.format(at)
}

/** TimeAgo is how long ago something was, in the largest unit that fits: 5 minutes ago, 1 day ago. */
export function timeAgo(at: number, now: number): string {
  const minutes = Math.max(1, Math.floor((now - at) / 60_000))
  const [unit, size] = units.findLast(([, size]) => minutes >= size) ?? units[0]
  return formats().ago.format(-Math.floor(minutes / size), unit)
}

/** DayKey is the local calendar day, as 2026-11-23. */
export function dayKey(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
}

/** DayName is Today, Yesterday, or the date; with its year when that is another one. */
export function dayName(at: number, now: number): string {
  const key = dayKey(at)
  if (key === dayKey(now)) return t('timeline.today')
  const yesterday = new Date(now)
  yesterday.setDate(yesterday.getDate() - 1)
  if (key === dayKey(yesterday.getTime())) return t('timeline.yesterday')
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (sameYear ? formats().dayOfYear : formats().dayOfAnyYear).format(at)
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
