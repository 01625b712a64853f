import type { Option, Source } from './completing'

export interface EmojiOption extends Option {
  kind: 'emoji'
  emoji: string
  /** The short name that fits. */
  name: string
}

/** An emoji, its short names, and other words that it is found by. */
interface Entry {
  emoji: string
  names: readonly string[]
  words: readonly string[]
}

const shown = 20

/** EmojiSource knows emoji by their short names. They are fetched when the first : is written. */
export class EmojiSource implements Source<EmojiOption> {
  // With one letter, faces like :D and :P would become something else.
  readonly least = 2
  readonly #load: () => Promise<string>
  #entries: readonly Entry[] | undefined
  #loading: Promise<void> | undefined

  /** Load gives the list: a line for each emoji, in the order in which people look for them. */
  constructor(load: () => Promise<string>) {
    this.#load = load
  }

  find(query: string): readonly EmojiOption[] {
    const wanted = query.toLowerCase()
    return (this.#entries ?? [])
      .map((entry) => ranked(entry, wanted))
      .filter(({ rank }) => rank < none)
      .sort((a, b) => a.rank - b.rank)
      .slice(0, shown)
      .map(({ entry, name }) => option(entry, name))
  }

  learn(): Promise<void> | undefined {
    if (this.#entries) return undefined
    this.#loading ??= this.#load()
      .then((list) => {
        this.#entries = list.split('\n').map(read)
      })
      // Without a connection there is nothing to offer; the next : tries again.
      .catch(() => undefined)
      .finally(() => {
        this.#loading = undefined
      })
    return this.#loading
  }

  exactly(query: string): EmojiOption | undefined {
    const wanted = query.toLowerCase()
    const entry = this.#entries?.find(({ names }) => names.includes(wanted))
    return entry && option(entry, wanted)
  }
}

function option({ emoji, names }: Entry, name: string): EmojiOption {
  return { kind: 'emoji', id: `emoji-${names[0]}`, text: emoji, complete: false, emoji, name }
}

function read(line: string): Entry {
  const [emoji = '', names = '', words = ''] = line.split('|')
  return { emoji, names: names.split(' '), words: words === '' ? [] : words.split(' ') }
}

const none = 1_000

/** How well an emoji fits, and by which of its names: a short name that begins so is better than a word, or a piece of one. */
function ranked(entry: Entry, wanted: string): { entry: Entry; rank: number; name: string } {
  const [first = ''] = entry.names
  let best = { entry, rank: none, name: first }
  const offer = (rank: number, name: string) => {
    if (rank < best.rank) best = { entry, rank, name }
  }
  for (const name of entry.names) {
    if (name.startsWith(wanted)) offer(name.length - wanted.length, name)
    else if (name.includes(`_${wanted}`)) offer(100 + name.length, name)
    else if (wanted.length > 2 && name.includes(wanted)) offer(300 + name.length, name)
  }
  for (const word of entry.words) if (word.startsWith(wanted)) offer(200 + word.length, first)
  return best
}
