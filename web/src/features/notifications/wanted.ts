import { createStore } from 'zustand/vanilla'
import type { Span } from '../../conversation/telling'

/** What the person wants of notifications on this device. */
export interface Wanted {
  on: boolean
  /** Neither names nor texts: only that something has come. */
  hide: boolean
  sound: boolean
  /** 0 to 1. */
  volume: number
  /** Whether there are hours in which nothing is told, and which. */
  quiet: boolean
  hours: Span
  /** The hint has been closed: it does not come again. */
  hinted: boolean
}

const key = 'parley.notifications'

const atFirst: Wanted = {
  on: false,
  hide: false,
  sound: true,
  volume: 0.5,
  quiet: false,
  hours: { from: '22:00', until: '07:00' },
  hinted: false,
}

/** Wanted is the choice of this device, the same on all of its pages. */
export const wanted = createStore<Wanted>(kept)

window.addEventListener('storage', (event) => {
  if (event.key === key || event.key === null) wanted.setState(kept(), true)
})

/** Want changes something of it. */
export function want(change: Partial<Wanted>): void {
  wanted.setState(change)
  try {
    localStorage.setItem(key, JSON.stringify(wanted.getState()))
  } catch {
    // Full or forbidden: the choice lives as long as the page.
  }
}

function kept(): Wanted {
  try {
    return parse(localStorage.getItem(key))
  } catch {
    return atFirst
  }
}

/** Parse reads what was kept; what is missing in it, or is something else, is as at first. */
export function parse(text: string | null): Wanted {
  const read: Partial<Record<keyof Wanted, unknown>> = Object(JSON.parse(text ?? '{}'))
  const bool = (name: 'on' | 'hide' | 'sound' | 'quiet' | 'hinted') =>
    typeof read[name] === 'boolean' ? read[name] : atFirst[name]
  const { volume } = read
  const hours: Partial<Record<keyof Span, unknown>> = Object(read.hours)
  return {
    on: bool('on'),
    hide: bool('hide'),
    sound: bool('sound'),
    volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : atFirst.volume,
    quiet: bool('quiet'),
    hours: {
      from: typeof hours.from === 'string' ? hours.from : atFirst.hours.from,
      until: typeof hours.until === 'string' ? hours.until : atFirst.hours.until,
    },
    hinted: bool('hinted'),
  }
}
