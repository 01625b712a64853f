/** Characters of a message at most. */
export const longestMessage = 10_000

/** TextLength is how many characters a text has, as people and the server count them: a surrogate pair is one. */
export function textLength(text: string): number {
  // So short a text is not worth counting exactly, for it cannot be too long.
  if (text.length < longestMessage * 0.9) return text.length
  let length = 0
  for (const _ of text) length++
  return length
}
