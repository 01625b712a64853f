/** Mixed is a message as different in height from its neighbours as people make them; it begins with its number. */
export function mixed(i: number): string {
  const lines = Array.from({ length: 3 + (i % 20) }, (_, line) => `${' '.repeat(line % 4)}line(${line})`)
  switch (i % 5) {
    case 0:
      return `${i} ${'a long sentence that goes on and on, '.repeat(1 + (i % 23))}`
    case 1:
      return `${i}\n${lines.join('\n')}`
    case 2:
      return `${i}\n\`\`\`\n${lines.join('\n')}\n\`\`\``
    default:
      return `${i} ok, see https://example.org/${i} and *tell* me`
  }
}
