import { expect, test } from 'vitest'
import { isLined, type LineMark, lined } from './lining'

/** A text whose selection stands between brackets. */
function read(text: string) {
  const start = text.indexOf('[')
  return { text: text.replace(/[[\]]/g, ''), start, end: text.indexOf(']') - 1 }
}

test.each<[string, LineMark, string]>([
  ['[]', '> ', '> []'],
  ['wo[]rd', '- ', '- wo[]rd'],
  ['- wo[]rd', '- ', 'wo[]rd'],
  ['-[] word', '- ', '[]word'],
  ['a\n[b\nc]\nd', '- ', 'a\n[- b\n- c]\nd'],
  ['a\n[- b\n- c]\nd', '- ', 'a\n[b\nc]\nd'],
  ['[- a\nb]', '- ', '[- a\n- b]'],
  ['a\n[b\n]c', '> ', 'a\n[> b]\nc'],
  ['[a]', '```', '```\n[a]\n```'],
  ['a\n[]', '```', 'a\n```\n[]\n```'],
  ['x\n[a\nb]\ny', '```', 'x\n```\n[a\nb]\n```\ny'],
  ['x\n```go\na[]\n```\ny', '```', 'x\n[a]\ny'],
  ['```\n[a\nb]\n```', '```', '[a\nb]'],
  ['```\n[]\n```', '```', '[]'],
  ['```\na[]', '```', '[a]'],
])('%j with %s is %j', (text, mark, want) => {
  const selected = read(text)
  const by = lined(selected, mark)
  const done = selected.text.slice(0, by.from) + by.text + selected.text.slice(by.to)
  expect(`${done.slice(0, by.start)}[${done.slice(by.start, by.end)}]${done.slice(by.end)}`).toBe(want)
})

test('what has a mark', () => {
  expect(isLined(read('> a[]'), '> ')).toBe(true)
  expect(isLined(read('[> a\nb]'), '> ')).toBe(false)
  expect(isLined(read('```\n[]'), '```')).toBe(true)
  expect(isLined(read('```\na\n```\n[]'), '```')).toBe(false)
})
