import { describe, expect, test } from 'vitest'
import { links } from './links'

const shown = (text: string) => links(text).flatMap((piece) => (piece.href === undefined ? [] : [piece.text]))

test.each([
  ['see https://example.org/a?b=c#d for more', ['https://example.org/a?b=c#d']],
  ['HTTP://EXAMPLE.ORG', ['HTTP://EXAMPLE.ORG']],
  ['two: https://a.example https://b.example', ['https://a.example', 'https://b.example']],
  ['write to mailto:ann@example.org', ['mailto:ann@example.org']],
  ['the end https://example.org.', ['https://example.org']],
  ['really? https://example.org?!', ['https://example.org']],
  ['(https://example.org)', ['https://example.org']],
  ['https://en.example.org/wiki/Parley_(sport)', ['https://en.example.org/wiki/Parley_(sport)']],
  ['(https://en.example.org/wiki/Parley_(sport))', ['https://en.example.org/wiki/Parley_(sport)']],
  ['[https://example.org]', ['https://example.org']],
  ['“https://example.org”', ['https://example.org']],
  ['<https://example.org>', ['https://example.org']],
  ['https://example.org/ä/日本', ['https://example.org/ä/日本']],
  ['https://example.org、next', ['https://example.org、next']],
  ['a\nhttps://example.org\nb', ['https://example.org']],
  ['https://127.0.0.1:3000/r/1', ['https://127.0.0.1:3000/r/1']],
])('%j', (text, want) => {
  expect(shown(text)).toEqual(want)
})

describe('leads nowhere:', () => {
  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox',
    'file:///etc/passwd',
    'ftp://example.org',
    'https://',
    'https://?',
    'mailto:',
    'mailto:nobody',
    'xhttps://example.org',
    'https://ann:secret@example.org',
    'https://example.org@evil.example',
    'http://[not an address',
    'www.example.org',
  ])('%j', (text) => {
    expect(shown(text)).toEqual([])
  })
})

test.each([
  '',
  'plain',
  'https://a.example, and (https://b.example).\n\n',
  '<b>&amp;</b> https://x.example"onclick="',
])('the pieces of %j are the whole message', (text) => {
  expect(
    links(text)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text)
})

test('a quote ends a link', () => {
  expect(links('https://x.example"onmouseover="alert(1)')[0]).toEqual({
    text: 'https://x.example',
    href: 'https://x.example/',
  })
})

test('text as long as a message may be is cut in linear time', () => {
  const hostile = [
    'https://'.repeat(1_250),
    `https://a${')'.repeat(9_990)}`,
    `https://a/${'('.repeat(9_980)}`,
  ]
  const begun = performance.now()
  for (const text of hostile)
    expect(
      links(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text)
  expect(performance.now() - begun).toBeLessThan(500)
})
