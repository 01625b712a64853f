/** Bounds of the sidebar's width in pixels, the same as in theme.js, which sets it before the first paint. */
export const narrowest = 200
export const widest = 400

const key = 'parley.sidebar'
const property = '--sidebar'

/** Bounded is the width that comes nearest to what was asked for. */
export function bounded(width: number): number {
  return Math.round(Math.min(widest, Math.max(narrowest, width)))
}

/** ShowWidth makes the sidebar so wide, in pixels. */
export function showWidth(width: number): void {
  document.documentElement.style.setProperty(property, `${bounded(width)}px`)
}

/** KeepWidth lets the sidebar be so wide from now on; without a width, as wide as it is of itself. */
export function keepWidth(width?: number): void {
  if (width === undefined) document.documentElement.style.removeProperty(property)
  else showWidth(width)
  try {
    if (width === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, String(bounded(width)))
  } catch {
    // Full or forbidden: the choice lives as long as the page.
  }
}
