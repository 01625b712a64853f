import { inFence } from '../../conversation/formatting'

/** What of a key press says which mark it stands for. */
type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

/** The mark of a key: Ctrl or ⌘ with B, I, E, or Shift and X. */
export function markOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Press): string | undefined {
  if (altKey || ctrlKey === metaKey) return undefined
  const marks: Readonly<Record<string, string>> = shiftKey ? { x: '~~' } : { b: '**', i: '*', e: '`' }
  return marks[key.toLowerCase()]
}

/** A text of which a part is selected. */
export interface Selected {
  text: string
  start: number
  end: number
}

/** What to do to a text: to put words in the place of a part, and what to select then. */
export interface Replacement extends Selected {
  from: number
  to: number
}

/** Puts a mark around what is selected, or takes it away where it stands there. White space stays outside. */
export function marked({ text, start, end }: Selected, mark: string): Replacement {
  const words = text.slice(start, end)
  const from = start + (words.length - words.trimStart().length)
  const to = Math.max(from, start + words.trimEnd().length)
  const inner = text.slice(from, to)
  const size = mark.length
  const inside = [run(text, from, 1), run(text, to - 1, -1)]
  if (inner.length > 2 * size && stands(inside, mark))
    return { from, to, text: inner.slice(size, -size), start: from, end: to - 2 * size }
  const outside = [run(text, from - 1, -1), run(text, to, 1)]
  if (stands(outside, mark))
    return { from: from - size, to: to + size, text: inner, start: from - size, end: to - size }
  return { from, to, text: mark + inner + mark, start: from + size, end: to + size }
}

/** The same characters in a row, from one on in a direction. */
function run(text: string, at: number, by: 1 | -1): string {
  const first = text.charAt(at)
  let end = at
  while (first !== '' && text.charAt(end) === first) end += by
  return first.repeat(Math.abs(end - at))
}

/** Whether a mark is what two runs are, or the part of *** that it can be. */
function stands(runs: readonly string[], mark: string): boolean {
  return runs.every((one) => one === mark || (one === '***' && mark.startsWith('*')))
}

/** Whether somebody writes between lines of ``` that are not closed: Enter is a line of the code then. */
export function isInCode(area: HTMLTextAreaElement | null): boolean {
  return area !== null && inFence(area.value.slice(0, area.selectionStart))
}

/** Puts a mark around what is selected in a field, in a way that can be undone there. */
export function mark(area: HTMLTextAreaElement, by: string): void {
  const { value, selectionStart, selectionEnd } = area
  const { from, to, text, start, end } = marked({ text: value, start: selectionStart, end: selectionEnd }, by)
  put(area, { from, to, text })
  area.setSelectionRange(start, end)
}

/** Writes in place of a part of a field's text, in a way that can be undone there. */
export function put(
  area: HTMLTextAreaElement,
  { from, to, text }: Pick<Replacement, 'from' | 'to' | 'text'>,
): void {
  area.setSelectionRange(from, to)
  // Nothing else keeps what the field can undo. It is an input like any other.
  if (text === '') document.execCommand('delete')
  else document.execCommand('insertText', false, text)
}
