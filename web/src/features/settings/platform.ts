const apple = /mac|iphone|ipad/i.test(navigator.platform)

/** Modifier is how the platform writes its main modifier with a key: ⌘K or Ctrl K. */
export function modifier(key: string): string {
  return apple ? `⌘${key}` : `Ctrl ${key}`
}

/** Alternate is how the platform writes the second modifier with a key: ⌥↑ or Alt ↑. */
export function alternate(key: string): string {
  return apple ? `⌥${key}` : `Alt ${key}`
}
