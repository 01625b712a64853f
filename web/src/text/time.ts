import { t } from './text'

// Dates and times as the reader's own locale writes them.

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' })
const dayOfAnyYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' })

const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** ClockTime is the hour and minute. */
export function clockTime(at: number): string {
  return clock.format(at)
}

/** FullTime is date and time with seconds. */
export function fullTime(at: number): string {
  return moment.format(at)
}

/** ShortTime is date and time, short enough for a list. */
export function shortTime(at: number): string {
  return date.format(at)
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
  return (sameYear ? dayOfYear : dayOfAnyYear).format(at)
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
