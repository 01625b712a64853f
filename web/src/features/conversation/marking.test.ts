import { expect, test } from 'vitest'
import { marked, markOf } from './marking'

/** A text whose selection stands between brackets. */
function read(text: string) {
  const start = text.indexOf('[')
  const end = text.indexOf(']') - 1
  return { text: text.replace(/[[\]]/g, ''), start, end }
}

test.each([
  ['[word]', '**', '**[word]**'],
  ['a [ word ] b', '**', 'a  **[word]**  b'],
  ['[]', '**', '**[]**'],
  ['a [] b', '`', 'a `[]` b'],
  ['**[word]**', '**', '[word]'],
  ['[**word**]', '**', '[word]'],
  ['**[]**', '**', '[]'],
  ['**[word]**', '*', '***[word]***'],
  ['***[word]***', '**', '*[word]*'],
  ['***[word]***', '*', '**[word]**'],
  ['~~[word]~~ x', '~~', '[word] x'],
  ['*[word]*', '**', '***[word]***'],
])('%s with %s is %s', (text, mark, want) => {
  const selected = read(text)
  const by = marked(selected, mark)
  const done = selected.text.slice(0, by.from) + by.text + selected.text.slice(by.to)
  expect(`${done.slice(0, by.start)}[${done.slice(by.start, by.end)}]${done.slice(by.end)}`).toBe(want)
})

test('the keys', () => {
  const press = { key: 'b', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }
  expect(markOf({ ...press, ctrlKey: true })).toBe('**')
  expect(markOf({ ...press, metaKey: true, key: 'I' })).toBe('*')
  expect(markOf({ ...press, ctrlKey: true, shiftKey: true, key: 'X' })).toBe('~~')
  expect(markOf({ ...press, ctrlKey: true, key: 'e' })).toBe('`')
  for (const other of [
    press,
    { ...press, ctrlKey: true, altKey: true },
    { ...press, ctrlKey: true, key: 'k' },
  ])
    expect(markOf(other)).toBeUndefined()
})
