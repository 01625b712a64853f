import { createStore } from 'zustand/vanilla'

const key = 'parley.singleKeys'

/** SingleKeys is whether a letter alone can mean something on this device (WCAG 2.1.4): it can until it is switched off. */
export const singleKeys = createStore<boolean>(() => {
  try {
    return localStorage.getItem(key) !== 'off'
  } catch {
    return true
  }
})

export function allowSingleKeys(allowed: boolean): void {
  singleKeys.setState(allowed, true)
  try {
    if (allowed) localStorage.removeItem(key)
    else localStorage.setItem(key, 'off')
  } catch {
    // Full or forbidden: the choice lives as long as the page.
  }
}
