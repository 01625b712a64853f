/** A piece of a page: an element, or text. */
export interface Node {
  /** In capitals; of text `#text`. */
  readonly name: string
  readonly text: string
  readonly children: Node[]
  readonly attributes: Readonly<Record<string, string>>
}

/** How deep elements may stand in each other; those further in stand beside each other. */
const deepest = 200

const empty = new Set('AREA BASE BR COL EMBED HR IMG INPUT LINK META SOURCE TRACK WBR'.split(' '))

/** Elements whose inside is no HTML. */
const raw = new Set('IFRAME NOEMBED NOFRAMES NOSCRIPT SCRIPT STYLE TEXTAREA TITLE XMP'.split(' '))

/** What ends what stands open, though nothing says so. */
const ends: Readonly<Record<string, string>> = {
  LI: 'LI',
  P: 'P',
  TR: 'TR',
  TD: 'TD TH',
  TH: 'TD TH',
  DT: 'DT DD',
  DD: 'DT DD',
}

/**
 * Parse reads HTML as far as its words need it, of whatever program or page it
 * is. No browser takes part: it would complain of all that the page's policy
 * forbids, and there is nothing here that could run, or be fetched. The time it
 * takes grows with the length of the text, whatever is in it.
 */
export function parse(html: string): Node {
  const root = element('BODY', '')
  const open = [root]
  const lower = html.toLowerCase()
  const say = (text: string) => text !== '' && top(open).children.push(words(decoded(text)))
  let at = 0
  while (at < html.length) {
    const start = html.indexOf('<', at)
    if (start < 0) {
      say(html.slice(at))
      break
    }
    const end = endOf(html, start)
    if (end === start) {
      // A < that begins nothing is one.
      say(html.slice(at, start + 1))
      at = start + 1
      continue
    }
    say(html.slice(at, start))
    at = end
    const tag = /^<(\/?)([a-z][^\s/>]*)/i.exec(html.slice(start, Math.min(end, start + 64)))
    const name = tag?.[2]?.toUpperCase()
    if (name === undefined) continue
    if (tag?.[1] === '/') close(open, name)
    else if (raw.has(name)) at = behind(html, lower, name, end)
    else begin(open, name, html.slice(start + 1 + name.length, end - 1))
  }
  return root
}

/** Where a tag, a comment or the like ends that begins here; at its beginning when it is none. What is never closed goes on to the end. */
function endOf(html: string, start: number): number {
  const next = html.charAt(start + 1)
  if (html.startsWith('<!--', start)) return past(html, '-->', start + 4)
  if (next === '!' || next === '?') return past(html, '>', start)
  if (!/[a-z/]/i.test(next)) return start
  let at = start + 1
  while (at < html.length) {
    const character = html.charAt(at)
    if (character === '>') return at + 1
    at++
    if (character !== '=') continue
    while (html.charAt(at) === ' ') at++
    const quote = html.charAt(at)
    if (quote === '"' || quote === "'") at = past(html, quote, at + 1)
  }
  return html.length
}

function past(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from)
  return at < 0 ? html.length : at + mark.length
}

/** Where an element ends whose inside is no HTML. */
function behind(html: string, lower: string, name: string, from: number): number {
  const at = lower.indexOf(`</${name.toLowerCase()}`, from)
  return at < 0 ? html.length : past(html, '>', at)
}

function begin(open: Node[], name: string, inside: string): void {
  if (ends[name]?.split(' ').includes(top(open).name)) open.pop()
  const node = element(name, inside)
  top(open).children.push(node)
  if (!empty.has(name) && !inside.endsWith('/') && open.length < deepest) open.push(node)
}

function close(open: Node[], name: string): void {
  const at = open.findLastIndex((node) => node.name === name)
  if (at > 0) open.length = at
}

function top(open: readonly Node[]): Node {
  return open[open.length - 1] as Node
}

function element(name: string, inside: string): Node {
  return { name, text: '', children: [], attributes: attributesOf(inside) }
}

function words(text: string): Node {
  return { name: '#text', text, children: [], attributes: {} }
}

/** The attributes that say how something looks, or where it leads. */
function attributesOf(inside: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, name = '', one, other, bare] of inside.matchAll(
    /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g,
  )) {
    const known = name.toLowerCase()
    if (/^(alt|hidden|href|start|style)$/.test(known)) found[known] ??= decoded(one ?? other ?? bare ?? '')
  }
  return found
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  szlig: 'ß',
  euro: '€',
  copy: '©',
  bull: '•',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
}

const accents: Readonly<Record<string, string>> = {
  grave: '\u0300',
  acute: '\u0301',
  circ: '\u0302',
  tilde: '\u0303',
  uml: '\u0308',
  ring: '\u030a',
  cedil: '\u0327',
}

/** The text with its references as what they stand for; those that nobody knows stay. */
function decoded(text: string): string {
  return text
    .replaceAll('\0', '')
    .replace(/&(?:#(x?)([\da-f]{1,8})|(\w{2,10}));/gi, (whole, hex, digits, name) => {
      if (name === undefined) return character(Number.parseInt(digits, hex ? 16 : 10))
      if (Object.hasOwn(entities, name)) return entities[name] ?? whole
      const accent = accents[name.slice(1)]
      return accent ? (name.charAt(0) + accent).normalize('NFC') : whole
    })
}

function character(code: number): string {
  const none = !(code > 0 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)
  return none ? '\ufffd' : String.fromCodePoint(code)
}
