// Writes src/features/completion/emojiList.ts anew from the emojibase-data
// package, which is too large to be a dependency for so little of it:
//
//   npm install --prefix DIRECTORY emojibase-data@17.0.0
//   node build/emoji.mjs DIRECTORY/node_modules/emojibase-data
//
// A line for each emoji: itself, its short names, and a few words more.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [directory] = process.argv.slice(2)
if (!directory) throw new Error('usage: node build/emoji.mjs DIRECTORY/node_modules/emojibase-data')
const target = fileURLToPath(new URL('../src/features/completion/emojiList.ts', import.meta.url))

const read = (file) => JSON.parse(readFileSync(join(directory, file), 'utf8'))
const { version } = read('package.json')
const emoji = read('en/compact.json')
// The names that people know from elsewhere; those of the later ones for what the earlier do not have.
const named = ['github', 'iamcal', 'emojibase'].map((set) => read(`en/shortcodes/${set}.json`))

/** The group of parts of emoji, such as colours of skin. */
const components = 2
/** A word that more emoji have says too little. */
const mostShared = 30
const wordsOfEach = 3

const list = (value) => (value === undefined ? [] : [value].flat())
const split = (text) => text.toLowerCase().split(/[^a-z0-9]+/)

const lines = emoji
  .filter(({ group }) => group !== undefined && group !== components)
  .sort((a, b) => a.order - b.order)
  .map(({ unicode, hexcode, label, tags = [] }) => {
    const names = named.map((set) => list(set[hexcode])).find(({ length }) => length > 0) ?? []
    const known = new Set(names.flatMap((name) => name.split('_')))
    const words = [...new Set([...tags, label].flatMap(split))]
    return { unicode, names, words: words.filter((word) => word.length > 2 && !known.has(word)) }
  })
  .filter(({ names }) => names.length > 0)

const shared = new Map()
for (const { words } of lines) for (const word of words) shared.set(word, (shared.get(word) ?? 0) + 1)

/** The words that help most: shared by several, and not by many. */
function chosen(words) {
  return words
    .filter((word) => shared.get(word) > 1 && shared.get(word) <= mostShared)
    .sort((a, b) => shared.get(b) - shared.get(a))
    .slice(0, wordsOfEach)
}

const text = lines
  .map(({ unicode, names, words }) =>
    [unicode, names.join(' '), chosen(words).join(' ')].filter((part) => part !== '').join('|'),
  )
  .join('\n')

writeFileSync(
  target,
  `// Made by build/emoji.mjs from emojibase-data ${version}; licence in emojiList.LICENSE.

/** Emoji in the order of Unicode, a line for each: itself, its short names, other words. */
export const emojiList = \`${text}\`
`,
)
