import { createStore } from 'zustand/vanilla'

export interface Toast {
  id: number
  text: string
  failed: boolean
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

export function dismiss(id: number): void {
  toasts.setState(
    toasts.getState().filter((toast) => toast.id !== id),
    true,
  )
}

/** The same words again replace themselves: nobody needs to read them twice. */
function add(text: string, failed: boolean): void {
  const others = toasts.getState().filter((toast) => toast.text !== text)
  toasts.setState([...others, { id: ++last, text, failed }].slice(-3), true)
}
