import { createStore } from 'zustand/vanilla'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** The same key is read by theme.js before the first paint. */
const key = 'parley.theme'

/** Theme is the chosen appearance; `system` follows the device. */
export const theme = createStore<Theme>(() => {
  const chosen = document.documentElement.dataset.theme
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
})

export function chooseTheme(chosen: Theme): void {
  theme.setState(chosen, true)
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
  try {
    if (chosen === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, chosen)
  } catch {
    // Full or forbidden: the choice lives as long as the page.
  }
}
