import { expect, test } from 'vitest'
import { plain } from './formatting'
import { isAddress, marks } from './pasted'

/** HTML, as opposed to text. */
interface Html {
  html: string
}
type Child = Html | string

function h(name: string, attributes: Readonly<Record<string, string>> | null, ...children: Child[]): Html {
  const given = Object.entries(attributes ?? {}).map(([key, value]) => ` ${key}="${escaped(value)}"`)
  return { html: `<${name.toLowerCase()}${given.join('')}>${body(...children)}</${name.toLowerCase()}>` }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

function body(...children: Child[]): string {
  return children.map((child) => (typeof child === 'string' ? escaped(child) : child.html)).join('')
}

const b = (...children: Child[]) => h('B', null, ...children)
const i = (...children: Child[]) => h('I', null, ...children)
const p = (...children: Child[]) => h('P', null, ...children)
const br: Html = { html: '<br>' }
const li = (...children: Child[]) => h('LI', null, ...children)
const a = (href: string, ...children: Child[]) => h('A', { href }, ...children)
const styled = (style: string, ...children: Child[]) => h('SPAN', { style }, ...children)

test.each<[string, string, string]>([
  ['bold', body('see ', b('this'), ' now'), 'see **this** now'],
  ['marks inside each other', body(b('a ', i('b'), ' c')), '**a _b_ c**'],
  ['marks next to each other', body(b('a'), i('b')), '**a**_b_'],
  ['white space stays outside', body('a', b(' b '), 'c'), 'a **b** c'],
  ['an emphasis inside a word is left out', body('un', i('believ'), 'able'), 'unbelievable'],
  ['struck and code', body(h('DEL', null, 'old'), ' ', h('CODE', null, 'a*b')), '~~old~~ `a*b`'],
  ['code with marks of code', body(h('CODE', null, 'a`b')), '``a`b``'],
  ['white space of the source', body('\n  a\n\t b  ', h('SPAN', null, ' c')), 'a b c'],
  ['paragraphs and lines', body(p('a', br, 'b'), '\n', p('c')), 'a\nb\n\nc'],
  ['lines of an editor', body(h('DIV', null, 'a'), h('DIV', null, br), h('DIV', null, 'b')), 'a\n\nb'],
  ['a heading', body(h('H2', null, 'Tides'), p('High at six')), '**Tides**\n\nHigh at six'],
  [
    'a list',
    body(p('Bring:'), h('UL', null, '\n', li('rope'), '\n', li(b('the'), ' ladder'))),
    'Bring:\n- rope\n- **the** ladder',
  ],
  ['a numbered list', body(h('OL', { start: '3' }, li('a'), li(p('b')))), '3. a\n4. b'],
  [
    'a list in a list',
    body(h('UL', null, li('a', h('UL', null, li('b'), li('c'))), li('d'))),
    '- a\n  - b\n  - c\n- d',
  ],
  ['a list put straight into a list', body(h('UL', null, li('a'), h('UL', null, li('b')))), '- a\n  - b'],
  [
    'a quote',
    body('He said', h('BLOCKQUOTE', null, p('one'), p(b('two'))), 'and left'),
    'He said\n> one\n> \n> **two**\nand left',
  ],
  [
    'a block of code',
    body('x', h('PRE', null, h('CODE', null, 'if (a) {\n  **b**\n}\n'))),
    'x\n```\nif (a) {\n  **b**\n}\n```',
  ],
  ['code with fences', body(h('PRE', null, '```\na\n```')), '```\n    ```\na\n    ```\n```'],
  [
    'code of an editor',
    body(
      h(
        'DIV',
        { style: 'font-family: Menlo, monospace; white-space: pre;' },
        h('DIV', null, 'a:'),
        h('DIV', null, '  b'),
      ),
    ),
    '```\na:\n  b\n```',
  ],
  [
    'a table',
    body(
      h(
        'TABLE',
        null,
        h('TR', null, h('TD', null, 'a'), h('TD', null, 'b')),
        h('TR', null, h('TD', null, 'c'), h('TD', null, 'd')),
      ),
    ),
    'a | b\nc | d',
  ],
  [
    'a link',
    body('see ', a('https://example.org/a_b_c', 'the plan'), '.'),
    'see the plan (https://example.org/a_b_c).',
  ],
  ['a link that says where it leads', body(a('https://example.org/', 'example.org')), 'https://example.org/'],
  ['a link of a picture', body(a('https://example.org/x', h('IMG', { alt: '' }))), 'https://example.org/x'],
  ['an address for mail', body(a('mailto:bo@example.org', 'Bo')), 'Bo (mailto:bo@example.org)'],
  [
    'what styles say',
    body(
      styled('font-weight: 700', 'a'),
      ' ',
      styled('font-style:italic', 'b'),
      ' ',
      styled('text-decoration: line-through', 'c'),
    ),
    '**a** _b_ ~~c~~',
  ],
  [
    'what styles take back',
    body(h('B', { style: 'font-weight:normal' }, 'a ', styled('font-weight:700', 'b'))),
    'a **b**',
  ],
  ['what is not shown', body('a', styled('display: none', 'x'), h('SPAN', { hidden: '' }, 'y'), 'b'), 'ab'],
  [
    'an image',
    body('a ', h('IMG', { alt: 'a lighthouse', src: 'https://example.org/x.png' })),
    'a a lighthouse',
  ],
  ['nothing', body(), ''],
])('%s', (_, tree, want) => {
  expect(marks(tree)).toBe(want)
})

test.each<[string, string, string]>([
  ['marks', body('say **no** and ', b('yes')), 'say **no** and yes'],
  ['a quote', body(p('> not said')), '> not said'],
  ['an emphasis over lines', body(p('5 *x'), p('y* 3')), '5 *x\n\ny* 3'],
  ['names', body('call snake_case and __init__'), 'call snake_case and __init__'],
  ['backslashes', body('C:\\_temp\\*'), 'C:\\_temp\\*'],
  ['marks in marks', body(b('*'), i('_')), '*_'],
])('what only looks like %s says what it said', (_, tree, want) => {
  expect(plain(marks(tree))).toBe(want)
})

test('names, sums and code in marks need no care', () => {
  expect(marks(body('use `ls -a` or ', b('leave')))).toBe('use `ls -a` or **leave**')
  expect(marks(body('snake_case, 2 * 3 * 4, a > b'))).toBe('snake_case, 2 * 3 * 4, a > b')
})

test.each<[string, string, string]>([
  [
    'scripts and styles',
    body(
      'a',
      h('SCRIPT', null, 'alert(1)'),
      h('STYLE', null, '* {}'),
      h('TEMPLATE', null, 'x'),
      h('svg', null, h('script', null, 'y')),
      'b',
    ),
    'ab',
  ],
  [
    'links that run something',
    body(
      a('javascript:alert(1)', 'one'),
      ' ',
      a('data:text/html,x', 'two'),
      ' ',
      a(' JaVaScRiPt:x', 'three'),
    ),
    'one two three',
  ],
  ['links that mislead', body(a('https://bank.example@evil.example/', 'bank')), 'bank'],
  ['links with white space', body(a('https://example.org/ onclick=x', 'here')), 'here'],
  [
    'links whose words name another host',
    body(a('https://evil.example/', 'https://bank.example/')),
    'https://bank.example/ (https://evil.example/)',
  ],
  ['handlers', body(h('IMG', { src: 'x', onerror: 'alert(1)' }), h('DIV', { onclick: 'x' }, 'a')), 'a'],
  ['markup as text', body('<img src=x onerror=alert(1)>'), '<img src=x onerror=alert(1)>'],
  [
    'frames and forms',
    body(
      h('IFRAME', { srcdoc: 'x' }, 'y'),
      h('TEXTAREA', null, 'z'),
      h('FORM', { action: 'https://evil.example' }, 'a'),
    ),
    'a',
  ],
])('of %s nothing is left but words', (_, tree, want) => {
  expect(marks(tree)).toBe(want)
})

test('what is deep or long takes a time that grows with it', () => {
  let deep: Html = h('SPAN', null, 'x')
  for (let at = 0; at < 500; at++) deep = h(at % 3 ? 'B' : at % 2 ? 'BLOCKQUOTE' : 'UL', null, deep)
  expect(marks(body(deep))).toContain('x')
  const long = Array.from({ length: 500 }, (_, at) => p('word * ', b(`b${at}`), ' _ ', i('c')))
  expect(marks(body(...long)).split('\n\n')).toHaveLength(500)
})

test('only the whole of a text is an address', () => {
  expect(isAddress('https://example.org/a?b=c')).toBe(true)
  for (const other of [
    '',
    'example.org',
    'see https://example.org',
    'https://example.org now',
    'javascript:x',
    'ftp://x.example',
  ])
    expect(isAddress(other), other).toBe(false)
})

test.each<[string, string]>([
  ['<p>a<p>b', 'a\n\nb'],
  ['<ul><li>a<li>b</ul>c', '- a\n- b\n\nc'],
  ['<B>a</B > <i>b</b>', '**a** _b_'],
  ['a < b <3 &amp; c &lt;b&gt; &unknown; &#x1F642;&#65;', 'a < b <3 & c <b> &unknown; \u{1F642}A'],
  ['&auml;&Eacute;&szlig;&ccedil;&nbsp;x', '\u00e4\u00c9\u00df\u00e7 x'],
  ['&#0;&#xD800;&#99999999;a\0b', '\ufffd\ufffd\ufffdab'],
  ['<!-- <b>x</b> -->a<!doctype html><?php x ?>b', 'ab'],
  ['<a href=https://example.org/x title="a>b">c</a>', 'c (https://example.org/x)'],
  ["<b title='>'>a</b>", '**a**'],
  ['a<script>if (1 < 2) "</b>"</SCRIPT >b<style>c', 'ab'],
  ['a<b', 'a'],
  ['a<', 'a<'],
  ['<!--', ''],
  ['<b title="', ''],
  ['<math><mtext></p><table><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">', ''],
  ['<a href="java\nscript:alert(1)">a</a> <a href="//evil.example">b</a> <a href="/x">c</a>', 'a b c'],
  ['<constructor>a</constructor><__proto__ style="x">b</__proto__>', 'a<__proto__ style="x">b'],
])('%j is read as %j', (html, want) => {
  expect(marks(html)).toBe(want)
})

test('no beginning of anything takes long', () => {
  for (const piece of [
    '<',
    '<a ',
    '<a "',
    '<a b="',
    "<a b='",
    '<b>',
    '</b>',
    '<!--',
    '<script>',
    '&',
    '&#',
    '<ul>',
    '<blockquote>',
    '**',
    '`',
    '<a href="https://x.example/">',
  ])
    expect(marks(piece.repeat(20_000 / piece.length)).length).toBeLessThan(1_000_000)
})
