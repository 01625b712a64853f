import { describe, expect, test } from 'vitest'
import { type Block, blocks, type Inline, inFence, plain } from './formatting'

/** A short way to write what a message becomes. */
function shown(message: string): string {
  const part = (one: Inline): string => {
    if ('parts' in one) return `<${one.type}>${one.parts.map(part).join('')}</${one.type}>`
    return one.type === 'text' ? one.text : `<${one.type}>${one.text}</${one.type}>`
  }
  const block = (one: Block): string => {
    if (one.type === 'code') return `<pre>${one.text}</pre>`
    if (one.type === 'list') {
      const items = one.items.map(
        ({ mark, depth, parts }) => `${mark}${depth || ''} ${parts.map(part).join('')}`,
      )
      return `<${one.numbered ? 'ol' : 'ul'}>${items.join('/')}</>`
    }
    const text = one.parts.map(part).join('')
    return one.type === 'quote' ? `<quote>${text}</quote>` : text
  }
  return blocks(message).map(block).join('|')
}

describe('what a message becomes', () => {
  test.each([
    ['nothing', ''],
    ['plain words\nin two lines', 'plain words\nin two lines'],
    ['**strong**', '<strong>strong</strong>'],
    ['*em* and _em_', '<em>em</em> and <em>em</em>'],
    ['~~gone~~', '<del>gone</del>'],
    ['***both***', '<strong><em>both</em></strong>'],
    ['**a *b* c**', '<strong>a <em>b</em> c</strong>'],
    ['*a **b** c*', '<em>a <strong>b</strong> c</em>'],
    ['これは**重要**です', 'これは<strong>重要</strong>です'],
    ['これは*重要*です', 'これは<em>重要</em>です'],
    ['(*yes*), "_no_"!', '(<em>yes</em>), "<em>no</em>"!'],
    ['🙂*yes*🙂', '🙂<em>yes</em>🙂'],
    ['un**believ**able', 'un<strong>believ</strong>able'],
    ['`a * b * c`', '<code>a * b * c</code>'],
    ['``a ` b``', '<code>a ` b</code>'],
    ['`` ` ``', '<code>` </code>'.replace('` ', '`')],
    ['`x` and `y`', '<code>x</code> and <code>y</code>'],
    [
      'see https://example.org/a_b_c, **now**',
      'see <link>https://example.org/a_b_c</link>, <strong>now</strong>',
    ],
    ['**https://example.org/x**', '<strong><link>https://example.org/x</link></strong>'],
    ['`https://example.org`', '<code>https://example.org</code>'],
    ['> one\n> two\nthree', '<quote>one\ntwo</quote>|three'],
    ['>quoted *so*', '<quote>quoted <em>so</em></quote>'],
    ['before\n```\nif (a < b) {\n  *x*\n}\n```\nbehind', 'before|<pre>if (a < b) {\n  *x*\n}</pre>|behind'],
    ['```go\nfunc main() {}\n```', '<pre>func main() {}</pre>'],
    ['```\na\n```\n```\nb\n```', '<pre>a</pre>|<pre>b</pre>'],
    ['```inline```', '<code>inline</code>'],
    [
      'Bring:\n- rope\n* **the** ladder\n• soap\nToday',
      'Bring:|<ul>- rope/* <strong>the</strong> ladder/• soap</>|Today',
    ],
    ['- a\n  - b\n    - c\n      - d\n        - e', '<ul>- a/-1 b/-2 c/-3 d/-3 e</>'],
    ['1. a\n2. b\n\n3. c', '<ol>1. a/2. b/3. c</>'],
    ['1. a\n  1. b\n  2. c\n2. d', '<ol>1. a/1.1 b/2.1 c/2. d</>'],
    ['1. a\n- b\n2. c', '<ol>1. a</>|<ul>- b</>|<ol>2. c</>'],
    ['- a\n  goes on\nnot here', '<ul>- a\ngoes on</>|not here'],
    ['- *a\n- b*', '<ul>- *a/- b*</>'],
    ['- a\n```\ncode\n```', '<ul>- a</>|<pre>code</pre>'],
    ['- a\n```\ncode\n```\n  b', '<ul>- a</>|<pre>code</pre>|  b'],
    ['- a\n> b', '<ul>- a</>|<quote>b</quote>'],
    ['- a\n\nb', '<ul>- a</>|\nb'],
  ])('%j', (message, want) => expect(shown(message)).toBe(want === '' ? message : want))

  test.each([
    '2*3*4',
    '2 * 3 * 4',
    'snake_case_name',
    'a ** b ** c',
    '** spaces **',
    '**not closed',
    '*not closed*x',
    '****',
    '~one~',
    '```\nnot closed',
    '`not closed',
    '<b>no markup</b>',
    'a > b',
    '__init__.py',
    '¯\\_(ツ)_/¯',
    '24. December\n3. January',
    '1) or 1.5 or',
    '-1 and --- and -',
    'a - b\n  moved in',
    '2026. A year',
  ])('%j stays as it is', (message) => expect(shown(message)).toBe(message))

  test.each([
    ['\\*not em\\*', '*not em*'],
    ['C:\\dir', 'C:\\dir'],
    ['*a **b*', '<em>a **b</em>'],
    ['**a *b**', '<strong>a *b</strong>'],
  ])('%j is %j', (message, want) => expect(shown(message)).toBe(want))
})

test('read aloud there are words without marks', () => {
  expect(plain('1. one\n2. *two*')).toBe('1. one\n2. two')
  expect(plain('**Ann**: `x` is _here_\n> she said\n```\ncode\n```')).toBe('Ann: x is here\nshe said\ncode')
})

test('Enter belongs to code that is begun and not ended', () => {
  expect(inFence('```')).toBe(true)
  expect(inFence('see\n```go\nfunc main() {')).toBe(true)
  expect(inFence('```\ncode\n```')).toBe(false)
  expect(inFence('`x`')).toBe(false)
})

/** Random numbers that are the same each time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

test('no letter is lost or made up, whatever stands in a message', () => {
  const random = numbers(7)
  const pieces = [
    '*',
    '**',
    '_',
    '__',
    '~~',
    '`',
    '``',
    '```',
    '\n',
    ' ',
    '> ',
    '- ',
    '1. ',
    'a',
    'b9',
    'é',
    '重',
    '🙂',
    'https://example.org/x_y',
  ]
  for (let round = 0; round < 3000; round++) {
    const length = Math.floor(random() * 24)
    const message = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join('')
    const letters = (text: string) => text.replace(/[*_~`>\s]/g, '')
    const said = plain(message)
    // The name of a language behind ``` is not shown.
    const want = letters(message.replace(/^ {0,3}```[\w+#.-]+ *$/gm, ''))
    const got = letters(said)
    if (!/^ {0,3}```[\w+#.-]+ *$/m.test(message)) expect(got, JSON.stringify(message)).toBe(want)
  }
})

test('the time grows with the length, whatever stands in the message', () => {
  for (const piece of [
    '*a',
    '**a ',
    '_',
    '`',
    '``` `` ',
    '> ',
    '- a\n',
    '1. a\n\n',
    '  a\n',
    '```\n',
    '*a **b ',
    '~~x',
    '\\*',
    '[',
    'https://x.y/',
  ]) {
    const message = piece.repeat(200_000 / piece.length)
    const begun = performance.now()
    blocks(message)
    // A reading that grows with the square of the length takes minutes.
    expect(performance.now() - begun, piece).toBeLessThan(20_000)
  }
})
