import { createStore } from 'zustand/vanilla'

export interface Toast {
  id: number
  text: string
  failed: boolean
  /** What the person can do about it; such a toast stays until it is closed. */
  action?: { label: string; act: () => void }
}

/** How long, in milliseconds, a toast stays when nobody closes it or reads it. */
export const staysFor = 6_000

let last = 0

/** Toasts are short words about what was just done, the newest last. */
export const toasts = createStore<readonly Toast[]>(() => [])

/** Tell says that something was done. */
export function tell(text: string): void {
  add(text, false)
}

/** Warn says that something did not work. */
export function warn(text: string): void {
  add(text, true)
}

/** Offer says something, and what can be done about it, until that is done or the words are closed. */
export function offer(text: string, label: string, act: () => void): void {
  add(text, false, { label, act })
}

export function dismiss(id: number): void {
  toasts.setState(
    toasts.getState().filter((toast) => toast.id !== id),
    true,
  )
}

/** The same words again replace themselves: nobody needs to read them twice. */
function add(text: string, failed: boolean, action?: Toast['action']): void {
  const others = toasts.getState().filter((toast) => toast.text !== text)
  const toast = { id: ++last, text, failed, ...(action && { action }) }
  const passing = [...others.filter((other) => !other.action), ...(action ? [] : [toast])].slice(-3)
  const staying = [...others.filter((other) => other.action), ...(action ? [toast] : [])]
  toasts.setState([...staying, ...passing], true)
}
