/**
 * Score says how well a query fits a name: 0 not at all, more is better. Its
 * letters must occur in order; a match at the beginning, at the beginning of a
 * word, or in one piece counts more.
 */
export function score(query: string, name: string): number {
  const wanted = fold(query)
  if (wanted === '') return 1
  const text = fold(name)
  if (text.startsWith(wanted)) return 1000 - text.length
  const at = text.indexOf(wanted)
  if (at > 0) return (/[\s._-]/.test(text.charAt(at - 1)) ? 800 : 600) - text.length
  return scattered(wanted, text)
}

function scattered(wanted: string, text: string): number {
  let from = 0
  let spread = 0
  for (const letter of wanted) {
    const at = text.indexOf(letter, from)
    if (at < 0) return 0
    spread += at - from
    from = at + letter.length
  }
  return Math.max(1, 400 - spread * 10)
}

/** Letters without case and marks, so that "cafe" finds "Café". */
function fold(text: string): string {
  return text.trim().normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
