import { links } from './links'

/** A part of a message that stands on lines of its own. */
export type Block =
  | { type: 'text' | 'quote'; parts: Inline[] }
  | { type: 'list'; numbered: boolean; items: Item[] }
  | { type: 'code'; text: string }

/** An item of a list, with the mark it has been given: - * • or a number and a point. */
export interface Item {
  mark: string
  /** How far it is moved in, from 0 to 3. */
  depth: number
  parts: Inline[]
}

/** A piece of text, or pieces that are shown alike. */
export type Inline =
  | { type: 'text' | 'code'; text: string }
  | { type: 'link'; text: string; href: string }
  | { type: Kind; parts: Inline[] }

type Kind = 'strong' | 'em' | 'del'

/** How deep marks may stand inside each other; those further in are text. */
const deepest = 6

/**
 * Blocks reads a message as people write them in chats everywhere: **strong**,
 * *emphasis* or _emphasis_, ~~struck~~, `code`, code between lines of ```,
 * quotes behind >, and lists. A mark that is not closed is text, and so is
 * everything else, HTML too. The time it takes grows with the length of the
 * message, whatever is in it.
 */
export function blocks(message: string): Block[] {
  const arranged = new Arranged()
  const lines = message.split('\n')
  const lastFence = lines.findLastIndex(isFence)
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (at < lastFence && isFence(line)) {
      const end = nextFence(lines, at + 1)
      arranged.code(lines.slice(at + 1, end))
      at = end
    } else arranged.line(line, lines[at + 1] ?? '')
  }
  return arranged.blocks()
}

/** Index of the first line of ``` from there on, where there is one. */
function nextFence(lines: readonly string[], from: number): number {
  let at = from
  while (at < lines.length && !isFence(lines[at] ?? '')) at++
  return at
}

/** What an item of a list begins with. */
const itemMark = /^( *)([-*•]|\d{1,2}\.) +(?=\S)/

type Begun = Omit<Item, 'parts'>

/** Arranged is the blocks of a message, line by line. */
class Arranged {
  readonly #blocks: Block[] = []
  /** The number of the last item at each depth. */
  readonly #counted: number[] = []
  /** What the lines belong to that are no block yet. */
  #type: 'text' | 'quote' | Begun = 'text'
  #lines: string[] = []

  /** Blocks is everything, when the last line was taken. */
  blocks(): Block[] {
    this.#end()
    return this.#blocks
  }

  code(lines: readonly string[]): void {
    this.#begin('text')
    this.#blocks.push({ type: 'code', text: lines.join('\n') })
  }

  line(line: string, next: string): void {
    const item = this.#itemOf(line)
    const inItem = typeof this.#type === 'object'
    if (item) {
      this.#begin(item)
      this.#count(item)
      this.#lines.push(line.replace(itemMark, ''))
    } else if (inItem && /^ {2,}\S/.test(line)) this.#lines.push(line.trimStart())
    // An empty line between two items belongs to neither.
    else if (!inItem || line !== '' || !itemMark.test(next)) this.#words(line)
  }

  #words(line: string): void {
    const quote = /^> ?/.exec(line)
    const type = quote ? 'quote' : 'text'
    if (type !== this.#type) this.#begin(type)
    this.#lines.push(quote ? line.slice(quote[0].length) : line)
  }

  /**
   * The item that a line begins, if it does. Numbers are only what begins at 1
   * and goes on from there: the 24. of December is no list.
   */
  #itemOf(line: string): Begun | undefined {
    const [begins, indent = '', mark = ''] = itemMark.exec(line) ?? []
    const depth = Math.min(3, indent.length >> 1)
    const number = Number.parseInt(mark, 10)
    const isNext = Number.isNaN(number) || number === 1 || number === (this.#counted[depth] ?? 0) + 1
    return begins && isNext ? { mark, depth } : undefined
  }

  #count({ mark, depth }: Begun): void {
    const number = Number.parseInt(mark, 10)
    if (!Number.isNaN(number)) this.#counted[depth] = number
  }

  #begin(type: 'text' | 'quote' | Begun): void {
    this.#end()
    this.#type = type
  }

  #end(): void {
    if (this.#lines.length === 0) return
    const type = this.#type
    const parts = inline(this.#lines.join('\n'))
    if (typeof type === 'object') list(this.#blocks, { ...type, parts })
    else this.#blocks.push({ type, parts })
    this.#lines = []
  }
}

/** Adds an item to the list that stands last, if it is of the same kind. */
function list(found: Block[], item: Item): void {
  const numbered = item.mark.endsWith('.')
  const last = found.at(-1)
  if (last?.type === 'list' && last.numbered === numbered) last.items.push(item)
  else found.push({ type: 'list', numbered, items: [item] })
}

/** The message as it is read aloud: its words without the marks, but for those of lists. */
export function plain(message: string): string {
  return blocks(message).map(aloud).join('\n')
}

function aloud(block: Block): string {
  if (block.type === 'code') return block.text
  if (block.type !== 'list') return words(block.parts)
  return block.items.map(({ mark, parts }) => `${mark} ${words(parts)}`).join('\n')
}

function words(parts: readonly Inline[]): string {
  return parts.map((part) => ('parts' in part ? words(part.parts) : part.text)).join('')
}

/** Whether what comes behind the text stands between lines of ```, so that Enter is a part of it. */
export function inFence(text: string): boolean {
  return text.split('\n').filter(isFence).length % 2 === 1
}

/** A line of ```, perhaps with the name of a language. */
function isFence(line: string): boolean {
  return /^ {0,3}```[\w+#.-]* *$/.test(line)
}

/** Marks that may open or close something; what they are in the end is said by their partner. */
interface Delimiter {
  type: 'delimiter'
  text: string
  opens: boolean
  closes: boolean
  /** The token that ends what this one begins. */
  end?: number
}

type Token = Exclude<Inline, { parts: Inline[] }> | Delimiter

const kinds: Readonly<Record<string, Kind>> = { '**': 'strong', '*': 'em', _: 'em', '~~': 'del' }

function inline(text: string): Inline[] {
  const tokens: Token[] = []
  let at = 0
  for (const { start, end, code } of spans(text)) {
    outsideCode(text, at, start, tokens)
    tokens.push({ type: 'code', text: code })
    at = end
  }
  outsideCode(text, at, text.length, tokens)
  pair(tokens)
  return tree(tokens, 0, tokens.length, 0)
}

/** Spans of `code`: between two runs of as many marks. */
function* spans(text: string): Generator<{ start: number; end: number; code: string }> {
  const runs = [...text.matchAll(/`+/g)]
  const places = new Map<number, number[]>()
  for (const { 0: run, index } of runs) {
    const same = places.get(run.length)
    if (same) same.push(index)
    else places.set(run.length, [index])
  }
  for (const same of places.values()) same.reverse()
  let at = 0
  for (const { 0: run, index } of runs) {
    if (index < at) continue
    const same = places.get(run.length) ?? []
    while ((same.at(-1) ?? text.length) <= index) same.pop()
    const close = same.at(-1)
    if (close === undefined) continue
    const code = text.slice(index + run.length, close)
    at = close + run.length
    // One space on both sides lets code begin or end with a mark.
    yield { start: index, end: at, code: /^ .*[^ ].* $/s.test(code) ? code.slice(1, -1) : code }
  }
}

/** Takes text apart that has no code in it. What looks like a mark inside an address belongs to that. */
function outsideCode(text: string, start: number, end: number, tokens: Token[]): void {
  let at = start
  for (const { text: piece, href } of links(text.slice(start, end))) {
    if (href === undefined) withMarks(text, at, at + piece.length, tokens)
    else tokens.push({ type: 'link', text: piece, href })
    at += piece.length
  }
}

/** What may be a mark, or keeps one from being one. */
const special = /\\[\\*_~`>]|\*+|_+|~+/g

function withMarks(text: string, start: number, end: number, tokens: Token[]): void {
  let at = start
  const say = (words: string) => {
    if (words !== '') tokens.push({ type: 'text', text: words })
  }
  for (const { 0: run, index } of text.slice(start, end).matchAll(special)) {
    const from = start + index
    say(text.slice(at, from))
    at = from + run.length
    // The arm of ¯\_(ツ)_/¯ stays.
    if (run.startsWith('\\')) say(text[from - 1] === '¯' ? run : run.slice(1))
    else tokens.push(...delimiters(run, before(text, from), after(text, at)))
  }
  say(text.slice(at, end))
}

/** The tokens of a run of marks, as they can open or close something between what stands on both sides of it. */
function delimiters(run: string, left: string | undefined, right: string | undefined): Token[] {
  const opens = right !== undefined && !/\s/.test(right)
  const closes = left !== undefined && !/\s/.test(left)
  // __init__ is a name.
  const longest = run.startsWith('*') ? 3 : run.startsWith('~') ? 2 : 1
  if ((!opens && !closes) || run.length > longest || run === '~') return [{ type: 'text', text: run }]
  const [one, two] = [run.slice(0, 1), run.slice(0, 2)]
  const texts = run.length < 3 ? [run] : opens && !closes ? [two, one] : [one, two]
  // A single mark inside a word, as in 2*3*4 or snake_case, is a part of it.
  const inWord = run !== '**' && run !== '~~'
  return texts.map((text) => ({
    type: 'delimiter',
    text,
    opens: opens && !(inWord && isLetter(left)),
    closes: closes && !(inWord && isLetter(right)),
  }))
}

/** A letter or digit of a script that puts spaces between words. */
function isLetter(character: string | undefined): boolean {
  return (
    character !== undefined &&
    /[\p{L}\p{N}]/u.test(character) &&
    !/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u.test(
      character,
    )
  )
}

function before(text: string, at: number): string | undefined {
  return /[\uDC00-\uDFFF]/.test(text[at - 1] ?? '') ? text.slice(at - 2, at) : text[at - 1]
}

function after(text: string, at: number): string | undefined {
  const code = text.codePointAt(at)
  return code === undefined ? undefined : String.fromCodePoint(code)
}

/** Finds the partner of each mark that has one: the nearest that is open. What was opened in between is text. */
function pair(tokens: readonly Token[]): void {
  const open: Delimiter[] = []
  const waiting = new Map<string, number>()
  const count = (text: string, by: number) => waiting.set(text, (waiting.get(text) ?? 0) + by)
  for (const [at, token] of tokens.entries()) {
    if (token.type !== 'delimiter') continue
    if (token.closes && (waiting.get(token.text) ?? 0) > 0) {
      let inner = open.pop()
      while (inner && inner.text !== token.text) {
        count(inner.text, -1)
        inner = open.pop()
      }
      count(token.text, -1)
      if (inner) inner.end = at
    } else if (token.opens) {
      open.push(token)
      count(token.text, 1)
    }
  }
}

function tree(tokens: readonly Token[], from: number, to: number, depth: number): Inline[] {
  const parts: Inline[] = []
  for (let at = from; at < to; at++) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.type === 'delimiter' && token.end !== undefined && depth < deepest) {
      parts.push({ type: kinds[token.text] ?? 'em', parts: tree(tokens, at + 1, token.end, depth + 1) })
      at = token.end
    } else if (token.type === 'link' || token.type === 'code') parts.push(token)
    else say(parts, token.text)
  }
  return parts
}

/** Adds text to the text that stands last. */
function say(parts: Inline[], text: string): void {
  const last = parts.at(-1)
  if (last?.type === 'text') last.text += text
  else parts.push({ type: 'text', text })
}
