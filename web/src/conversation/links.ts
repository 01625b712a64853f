/** A piece of a message: text, or text that leads somewhere. */
export type Piece = { text: string; href?: string }

// A link begins behind the start, white space or an opening mark. Everything
// up to white space or a mark that never stands in an address belongs to it.
const candidate = /(?<![\p{L}\p{N}_@/.-])(?:https?:\/\/|mailto:)[^\s<>"`{}|\\^\p{Cc}]+/giu

const schemes = new Set(['http:', 'https:', 'mailto:'])

/** Closing marks that belong to a link only together with their opening one. */
const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '»': '«', '”': '“', '’': '‘' }

/**
 * Links cuts a message into text and links. Only http, https and mailto lead
 * anywhere; what stands there is what was written, so a link never shows
 * another address than its own. Joined together the pieces are the message.
 */
export function links(message: string): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of message.matchAll(candidate)) {
    const text = withoutTail(match[0])
    const href = address(text)
    if (href === undefined) continue
    if (match.index > end) pieces.push({ text: message.slice(end, match.index) })
    pieces.push({ text, href })
    end = match.index + text.length
  }
  if (end < message.length) pieces.push({ text: message.slice(end) })
  return pieces
}

/** The link without the punctuation that ends the sentence around it. */
function withoutTail(text: string): string {
  const marks = count(text)
  let end = text.length
  while (end > 0) {
    const last = text.charAt(end - 1)
    const opening = pairs[last]
    if (opening !== undefined) {
      const closings = marks.get(last) ?? 0
      if ((marks.get(opening) ?? 0) >= closings) break
      marks.set(last, closings - 1)
    } else if (!".,:;!?…'*_~、。，！？".includes(last)) {
      break
    }
    end--
  }
  return text.slice(0, end)
}

/** How often each character occurs. */
function count(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  return counts
}

/** Where the text leads; undefined when that is no address, or one with a user's name in it, which only misleads. */
function address(text: string): string | undefined {
  try {
    const url = new URL(text)
    if (!schemes.has(url.protocol) || url.username !== '' || url.password !== '') return undefined
    if (url.protocol === 'mailto:' ? !url.pathname.includes('@') : url.hostname === '') return undefined
    return url.href
  } catch {
    return undefined
  }
}
