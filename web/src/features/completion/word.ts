import { inFence } from '../../conversation/formatting'

/** The sign that begins a word which can be completed: people, rooms, emoji. */
export type Sign = '@' | '#' | ':'

/** A word that somebody is writing: from its sign to the caret. */
export interface Word {
  sign: Sign
  /** Where the sign stands, and where the caret is. */
  from: number
  to: number
  /** What stands between them. */
  query: string
}

/** Characters of a room's name at most, and so of what may name one. */
const longest = 80

interface Shape {
  /** What the sign may not stand behind. */
  notBehind: RegExp
  query: RegExp
}

const shapes: Readonly<Record<Sign, Shape>> = {
  // As the server reads it: in the middle of an address an @ names nobody.
  '@': { notBehind: /[\p{L}\p{N}._+@-]/u, query: /^[\p{L}\p{M}\p{N}._-]*$/u },
  '#': { notBehind: /[\p{L}\p{N}#&/]/u, query: /^(?:[^\s#][^#\n]*)?$/u },
  ':': { notBehind: /[\p{L}\p{N}:/]/u, query: /^[a-z0-9_+-]*:?$/i },
}

/** WordAt is the word that ends at the caret, if one does that could be completed. In code there is none. */
export function wordAt(text: string, caret: number): Word | undefined {
  const start = Math.max(0, caret - longest - 1)
  for (let from = caret - 1; from >= start; from--) {
    const sign = text.charAt(from)
    if (sign === '\n') return undefined
    if (sign !== '@' && sign !== '#' && sign !== ':') continue
    const query = text.slice(from + 1, caret)
    // A : closes the word that another one began.
    if (sign === ':' && query === '' && isEmojiBefore(text, from)) continue
    const { notBehind, query: shape } = shapes[sign]
    if (!shape.test(query) || notBehind.test(before(text, from))) continue
    return isInCode(text, from) || goesOn(text, caret) ? undefined : { sign, from, to: caret, query }
  }
  return undefined
}

/** Whether what stands before a : is another one and a name. */
function isEmojiBefore(text: string, at: number): boolean {
  return /(?:^|[^\p{L}\p{N}:/]):[a-z0-9_+-]+$/iu.test(text.slice(Math.max(0, at - longest), at))
}

function before(text: string, at: number): string {
  const last = text.charAt(at - 1)
  return /[\uDC00-\uDFFF]/.test(last) ? text.slice(at - 2, at) : last
}

/** Whether the caret is in the middle of a word, which is not being written then. */
function goesOn(text: string, caret: number): boolean {
  return /^[\p{L}\p{N}_]/u.test(text.slice(caret, caret + 2))
}

function isInCode(text: string, at: number): boolean {
  const above = text.slice(0, at)
  const line = above.slice(above.lastIndexOf('\n') + 1)
  return inFence(above) || (line.split('`').length - 1) % 2 === 1
}
