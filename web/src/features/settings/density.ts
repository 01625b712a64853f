import { createStore } from 'zustand/vanilla'

export const densities = ['comfortable', 'compact'] as const
export type Density = (typeof densities)[number]

/** The same key is read by theme.js before the first paint. */
const key = 'parley.density'

/** Density is how close the messages stand. */
export const density = createStore<Density>(() =>
  document.documentElement.dataset.density === 'compact' ? 'compact' : 'comfortable',
)

export function chooseDensity(chosen: Density): void {
  density.setState(chosen, true)
  if (chosen === 'comfortable') delete document.documentElement.dataset.density
  else document.documentElement.dataset.density = chosen
  try {
    if (chosen === 'comfortable') localStorage.removeItem(key)
    else localStorage.setItem(key, chosen)
  } catch {
    // Full or forbidden: the choice lives as long as the page.
  }
}
