const key = 'parley.formatting'

/** WasShown says whether the bar of marks was in sight on this device. */
export function wasShown(): boolean {
  try {
    return localStorage.getItem(key) === 'shown'
  } catch {
    return false
  }
}

export function keepShown(shown: boolean): void {
  try {
    if (shown) localStorage.setItem(key, 'shown')
    else localStorage.removeItem(key)
  } catch {
    // Full or forbidden: it lives as long as the page.
  }
}
