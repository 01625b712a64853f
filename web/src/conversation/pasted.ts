import { plain } from './formatting'
import { type Node, parse } from './html'
import { links } from './links'

/** How a piece of text looks. */
interface Look {
  strong?: boolean
  em?: boolean
  del?: boolean
  code?: boolean
  /** An address, which is written as it is. */
  address?: boolean
}

interface Run extends Look {
  text: string
}

/** A line of text, or lines that are as they are to be. */
type Line = { runs: Run[] } | { lines: string }

/** Whole is the lines of a document, with an empty one where a paragraph ends. */
interface Whole {
  lines: Line[]
  /** The next text begins a line of its own. */
  ended: boolean
  /** An empty line stands before it. */
  apart: boolean
}

const silent = new Set('HEAD TEMPLATE OBJECT SVG MATH SELECT BUTTON AUDIO VIDEO CANVAS'.split(' '))
const apart = new Set('P H1 H2 H3 H4 H5 H6 UL OL DL TABLE FIGURE ARTICLE SECTION'.split(' '))
const ownLine = new Set(
  'DIV LI TR DT DD HEADER FOOTER MAIN NAV ASIDE ADDRESS FIGCAPTION CAPTION FORM FIELDSET DETAILS SUMMARY HR'.split(
    ' ',
  ),
)

/**
 * Marks is what a piece of HTML says, in the marks of messages: bold, italic,
 * struck and code text, blocks of code, quotes, lists; behind the words of a
 * link its address, for links lead only where they say. What those marks cannot
 * say is left out, and what only looks like a mark is kept from being one.
 */
export function marks(html: string): string {
  return best(read(parse(html)).lines)
}

/** Best writes lines as people would, unless they would then say something else. */
function best(lines: readonly Line[]): string {
  const easily = written(lines, false)
  const carefully = written(lines, true)
  return plain(easily) === plain(carefully) ? easily : carefully
}

function read(root: Node, look: Look = {}): Whole {
  const whole: Whole = { lines: [], ended: true, apart: false }
  for (const child of root.children) walk(child, look, whole)
  return whole
}

function walk(node: Node, look: Look, whole: Whole): void {
  const name = node.name
  if (name === '#text') return add(whole, { ...look, text: node.text.replace(/\s+/g, ' ') })
  const style = node.attributes.style?.toLowerCase() ?? ''
  if (silent.has(name) || /display:\s*none/.test(style) || hasHidden(node)) return
  if (name === 'BR') {
    if (whole.ended) whole.lines.push({ runs: [] })
    whole.ended = true
    return
  }
  if (name === 'IMG') return add(whole, { ...look, text: node.attributes.alt ?? '' })
  if (name === 'PRE' || isCodeOf(style)) return block(whole, fenced(textOf(node)))
  if (name === 'BLOCKQUOTE') return quote(whole, node, look)
  const breaks = apart.has(name) || ownLine.has(name)
  const gap = apart.has(name)
  if (breaks) end(whole, gap)
  if (name === 'UL' || name === 'OL') items(node, look, whole)
  else inside(node, name, lookOf(name, style, look), whole)
  if (breaks) end(whole, gap)
}

function inside(node: Node, name: string, look: Look, whole: Whole): void {
  if ((name === 'TD' || name === 'TH') && !whole.ended) add(whole, { text: ' | ' })
  if (name === 'A') return link(node, look, whole)
  for (const child of node.children) walk(child, look, whole)
}

/** The words of a link, and behind them its address when they are not that. */
function link(node: Node, look: Look, whole: Whole): void {
  const href = (node.attributes.href ?? '').trim()
  const words = textOf(node).replace(/\s+/g, ' ').trim()
  const leads = isAddress(href)
  const bare = href.replace(/^(https?:\/\/|mailto:)|\/$/gi, '')
  if (leads && (words === '' || words.replace(/^https?:\/\/|\/$/gi, '') === bare))
    return add(whole, { ...look, text: href, address: true })
  for (const child of node.children) walk(child, look, whole)
  if (leads) {
    add(whole, { text: ' ' })
    add(whole, { text: `(${href})`, address: true })
  }
}

/** Whether the whole of a text is something that leads somewhere in a message. */
export function isAddress(text: string): boolean {
  const [piece, ...others] = links(text)
  return others.length === 0 && piece?.href !== undefined
}

function quote(whole: Whole, node: Node, look: Look): void {
  const text = best(read(node, look).lines)
  if (text !== '') block(whole, text.replace(/^/gm, '> '))
}

function items(list: Node, look: Look, whole: Whole): void {
  let number = Number(list.attributes.start ?? 1) || 1
  for (const item of list.children) {
    const name = item.name
    if (name !== 'LI') {
      // Some programs put lists, or anything, straight into lists.
      if (name === 'UL' || name === 'OL') nested(item, look, whole)
      else walk(item, look, whole)
      continue
    }
    const text = best(read(item, look).lines)
    if (text === '') continue
    const mark = list.name === 'OL' ? `${number++}. ` : '- '
    block(whole, mark + indented(text))
  }
}

function nested(list: Node, look: Look, whole: Whole): void {
  const inner: Whole = { lines: [], ended: true, apart: false }
  items(list, look, inner)
  const text = best(inner.lines)
  if (text !== '') block(whole, `  ${indented(text)}`)
}

function indented(text: string): string {
  return text.replace(/\n+/g, '\n').replace(/\n/g, '\n  ')
}

/** Lines of ```; one in the code itself is moved in, so that it ends nothing. */
function fenced(text: string): string {
  const code = text.replace(/^\n|\n$/g, '').replace(/^ {0,3}(?=```)/gm, '    ')
  return `\`\`\`\n${code}\n\`\`\``
}

/** Editors copy code as lines of a fixed width. */
function isCodeOf(style: string): boolean {
  return /white-space:\s*pre/.test(style) && /font-family:[^;]*(mono|courier|consolas|menlo)/.test(style)
}

function hasHidden(node: Node): boolean {
  return node.attributes.hidden !== undefined
}

function lookOf(name: string, style: string, look: Look): Look {
  const next = { ...look }
  if (/^(B|STRONG|TH|H[1-6])$/.test(name)) next.strong = true
  if (/^(I|EM|CITE|DFN)$/.test(name)) next.em = true
  if (/^(S|DEL|STRIKE)$/.test(name)) next.del = true
  if (/^(CODE|KBD|SAMP|TT)$/.test(name)) next.code = true
  // Some programs say with styles what others say with elements, or take back.
  const weight = /font-weight:\s*(\w+)/.exec(style)?.[1]
  if (weight) next.strong = weight === 'bold' || weight === 'bolder' || Number(weight) >= 600
  const slant = /font-style:\s*(\w+)/.exec(style)?.[1]
  if (slant) next.em = slant === 'italic' || slant === 'oblique'
  if (/text-decoration[^;]*line-through/.test(style)) next.del = true
  return next
}

/** The text of a tree as it stands there, with its line breaks. */
function textOf(node: Node): string {
  const name = node.name
  if (name === '#text') return node.text
  if (name === 'BR') return '\n'
  if (silent.has(name)) return ''
  const text = node.children.map(textOf).join('')
  return ownLine.has(name) && !text.endsWith('\n') ? `${text}\n` : text
}

function end(whole: Whole, gap: boolean): void {
  whole.ended = true
  if (gap) whole.apart = true
}

function begin(whole: Whole): void {
  if (whole.apart && whole.lines.length > 0) whole.lines.push({ runs: [] })
  whole.apart = false
}

function add(whole: Whole, run: Run): void {
  if (run.text === '' || (whole.ended && run.text.trim() === '')) return
  if (whole.ended) {
    begin(whole)
    whole.lines.push({ runs: [] })
  }
  whole.ended = false
  const line = whole.lines.at(-1)
  if (line && 'runs' in line) line.runs.push(run)
}

function block(whole: Whole, lines: string): void {
  // Between the items of a list stands nothing, nor around code and quotes: they stand out by themselves.
  whole.apart = false
  whole.lines.push({ lines })
  whole.ended = true
}

function written(lines: readonly Line[], carefully: boolean): string {
  return lines
    .map((line) => ('lines' in line ? line.lines : lineOf(line.runs, carefully)))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

type Kept = 'all' | 'no em' | 'none'

/**
 * A line in marks. They cannot stand everywhere, as an emphasis inside a word:
 * of several ways to write it the first is taken that says what it should.
 */
function lineOf(runs: readonly Run[], carefully: boolean): string {
  const pieces = tidy(runs)
  const wanted = pieces.map(({ text }) => text).join('')
  const ways: [Kept, boolean][] = carefully ? [] : [['all', false]]
  ways.push(['all', true], ['no em', true], ['none', true])
  for (const [kept, escaped] of ways) {
    const way = inMarks(pieces, kept, escaped)
    if (wordsOf(plain(way)) === wordsOf(wanted)) return way
  }
  return inMarks(pieces, 'none', false)
}

/** Nothing keeps ` from being a mark, and whoever wrote it meant one. */
function wordsOf(text: string): string {
  return text.replaceAll('`', '')
}

/** The runs without needless white space, which stands in pieces of its own. */
function tidy(runs: readonly Run[]): Run[] {
  const pieces: Run[] = []
  for (const run of runs)
    for (const text of run.code || run.address ? [run.text] : run.text.split(/(\s+)/)) {
      const blank = text.trim() === ''
      if (text === '' || (blank && (pieces.length === 0 || pieces.at(-1)?.text === ' '))) continue
      pieces.push(blank ? { ...run, code: false, text: ' ' } : { ...run, text })
    }
  if (pieces.at(-1)?.text === ' ') pieces.pop()
  return pieces.map((piece, at) => {
    if (piece.text !== ' ') return piece
    // What is between two that look alike looks like them.
    const [left, right] = [pieces[at - 1], pieces[at + 1]]
    const both = (look: 'strong' | 'em' | 'del') => left?.[look] === true && right?.[look] === true
    return { text: ' ', strong: both('strong'), em: both('em'), del: both('del') }
  })
}

const delimiters = [
  ['del', '~~'],
  ['strong', '**'],
  ['em', '_'],
] as const

function inMarks(pieces: readonly Run[], kept: Kept, escaped: boolean): string {
  let text = ''
  let open: string[] = []
  const turn = (wanted: readonly string[]) => {
    const same = open.findIndex((mark, at) => wanted[at] !== mark)
    const from = same < 0 ? open.length : same
    text += open.slice(from).reverse().join('') + wanted.slice(from).join('')
    open = [...wanted]
  }
  for (const [at, piece] of pieces.entries()) {
    const wanted = delimiters
      .filter(([look]) => piece[look] && kept !== 'none' && (kept === 'all' || look !== 'em'))
      .map(([, mark]) => mark)
    turn(wanted)
    text += pieceOf(piece, at === 0, escaped)
  }
  turn([])
  return text
}

function pieceOf({ text, code, address }: Run, first: boolean, escaped: boolean): string {
  if (code) return codeOf(text)
  if (address || !escaped) return text
  const safe = text.replace(/[\\*_~]/g, '\\$&')
  return first ? safe.replace(/^>/, '\\>') : safe
}

/** Code between more marks than stand in it. */
function codeOf(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(({ 0: run }) => run.length))
  const mark = '`'.repeat(longest + 1)
  const padded = /^`|`$/.test(text) ? ` ${text} ` : text
  return text.trim() === '' ? text : mark + padded + mark
}
