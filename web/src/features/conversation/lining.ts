import { inFence } from '../../conversation/formatting'
import type { Replacement, Selected } from './marking'

/** What can be put around whole lines: before each of them, or a line above and below. */
export type LineMark = '> ' | '- ' | '```'

/** Lined puts a mark on the lines of which something is selected, or takes it away where all have it. */
export function lined(selected: Selected, mark: LineMark): Replacement {
  return mark === '```' ? fenced(selected) : prefixed(selected, mark)
}

/** Whether the lines of which something is selected have a mark. */
export function isLined(selected: Selected, mark: LineMark): boolean {
  const { text, from, to } = linesOf(selected)
  if (mark === '```')
    return inFence(selected.text.slice(0, from)) && !/^ {0,3}```/m.test(text.slice(from, to))
  return text
    .slice(from, to)
    .split('\n')
    .every((line) => line.startsWith(mark))
}

function prefixed(selected: Selected, mark: string): Replacement {
  const { text, from, to } = linesOf(selected)
  const lines = text.slice(from, to).split('\n')
  const marked = isLined(selected, mark as LineMark)
  const done = lines.map((line) =>
    marked ? line.slice(mark.length) : line.startsWith(mark) ? line : mark + line,
  )
  const written = done.join('\n')
  // One line keeps its caret, several are selected.
  const caret = selected.start === selected.end
  const end = from + written.length
  const by = written.length - (to - from)
  const at = Math.max(from, selected.start + by)
  return { from, to, text: written, start: caret ? at : from, end: caret ? at : end }
}

function fenced(selected: Selected): Replacement {
  const { text, from, to } = linesOf(selected)
  if (isLined(selected, '```')) return unfenced(selected)
  const words = text.slice(from, to)
  const start = from + '```\n'.length
  return { from, to, text: `\`\`\`\n${words}\n\`\`\``, start, end: start + words.length }
}

/** Takes away the lines of ``` between which something is selected. */
function unfenced({ text, start, end }: Selected): Replacement {
  const above = text.slice(0, start).lastIndexOf('```')
  const from = text.lastIndexOf('\n', above) + 1
  const opened = text.indexOf('\n', above) + 1
  const below = /^ {0,3}```.*$/m.exec(text.slice(end))
  const close = below ? end + below.index : text.length
  const to = below ? close + below[0].length : text.length
  const words = text.slice(opened, below ? Math.max(opened, close - 1) : close)
  return { from, to, text: words, start: from, end: from + words.length }
}

/** The whole lines of which something is selected. */
function linesOf({ text, start, end }: Selected): { text: string; from: number; to: number } {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const next = text.indexOf('\n', Math.max(end - (end > start ? 1 : 0), from))
  return { text, from: start === 0 ? 0 : from, to: next < 0 ? text.length : next }
}
