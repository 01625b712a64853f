import { expect, test } from 'vitest'
import { wordAt } from './word'

/** The word at the | of a text, as its sign and what follows. */
function at(marked: string): string | undefined {
  const caret = marked.indexOf('|')
  const text = marked.replace('|', '')
  const word = wordAt(text, caret)
  if (!word) return undefined
  expect(text.slice(word.from, word.to)).toBe(word.sign + word.query)
  return word.sign + word.query
}

test('a word begins at its sign and ends at the caret', () => {
  expect(at('@|')).toBe('@')
  expect(at('hello @an|')).toBe('@an')
  expect(at('(@ann|)')).toBe('@ann')
  expect(at('mit @Jürg|, oder')).toBe('@Jürg')
  expect(at('@あ|')).toBe('@あ')
  expect(at('one\n@two|')).toBe('@two')
  expect(at('see #sound and li|')).toBe('#sound and li')
  expect(at(':ta|')).toBe(':ta')
  expect(at('yes! :+1|')).toBe(':+1')
  expect(at('👍:ta|')).toBe(':ta')
})

test('what is an address, a time or a heading is none', () => {
  for (const text of [
    'ann@example|',
    '𝒜@ann|',
    '@ann@|',
    'a.@ann|',
    '@ann |',
    'C#sharp|',
    'https://example.org/#part|',
    '# Heading|',
    '##|',
    '&#39|',
    '10:30|',
    'http:|',
    'a::b|',
    ': no|',
    '',
    'nothing|',
  ])
    expect(at(text), text).toBeUndefined()
})

test('a sign further on begins another word', () => {
  expect(at('#general says @an|')).toBe('@an')
  expect(at('#general :ta|')).toBe(':ta')
  expect(at('#general at 10:30|')).toBe('#general at 10:30')
})

test('a second : closes the first', () => {
  expect(at(':tada:|')).toBe(':tada:')
  expect(at('so :+1:|')).toBe(':+1:')
  expect(at(':tada: :|')).toBe(':')
})

test('a caret within a word, or in code, writes none', () => {
  for (const text of ['@an|n', '@|ann', '`@an|`', '`:tada|', '```\n@an|', ':ta|da'])
    expect(at(text), text).toBeUndefined()
  expect(at('`code` @an|')).toBe('@an')
  expect(at('```\ncode\n```\n@an|')).toBe('@an')
})

test('a word is no longer than a room’s name', () => {
  expect(at(`#${'a'.repeat(80)}|`)).toBe(`#${'a'.repeat(80)}`)
  expect(at(`#${'a'.repeat(81)}|`)).toBeUndefined()
})
