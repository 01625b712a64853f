import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const source = join(import.meta.dirname, '..')

/** Declarations of all style sheets, as `file: property: value`. */
function declarations(): { file: string; property: string; value: string }[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.css'))
    .flatMap((file) => {
      const text = readFileSync(join(source, file), 'utf8').replace(/\/\*.*?\*\//gs, '')
      return [...text.matchAll(/(?<=[{;]\s*)([a-z-]+):\s*([^;{}]+);/g)].map(
        ([, property = '', value = '']) => ({ file, property, value: value.replace(/\s+/g, ' ') }),
      )
    })
}

/** Values of a shorthand, apart. */
function pieces(value: string): string[] {
  const found: string[] = []
  let depth = 0
  for (const word of value.split(' ')) {
    if (depth > 0) found.push(`${found.pop()} ${word}`)
    else found.push(word)
    depth += (word.match(/\(/g)?.length ?? 0) - (word.match(/\)/g)?.length ?? 0)
  }
  return found
}

/** Why a declaration would look wrong from right to left; undefined when it would not. */
function complaint(property: string, value: string): string | undefined {
  // Where a device has a notch does not depend on the language.
  const notch = /env\(safe-area-inset-(left|right)\)/
  if (notch.test(value)) return /inline/.test(property) ? 'a notch has a side of its own' : undefined
  if (/(^|-)(left|right)(-|$)/.test(property)) return 'say inline-start or inline-end'
  if (/\b(left|right)\b/.test(value)) return 'say start or end'
  if (/translateX|translate\((?!-?50%)[^0]|\b(90|270)deg/.test(value)) return 'moves to one side'
  const [top, right, bottom, left] = pieces(value)
  if (left === undefined) return undefined
  if (/^(margin|padding|inset|border-(width|color|style)|scroll-(margin|padding))$/.test(property))
    return right === left ? undefined : 'its ends differ: use the inline and block properties'
  if (property === 'border-radius')
    return top === right && bottom === left ? undefined : 'its corners differ: name them by start and end'
  return undefined
}

test('the look has no left and right, so that it can be mirrored', () => {
  const all = declarations()
  expect(all.length).toBeGreaterThan(500)
  const wrong = all.flatMap(({ file, property, value }) => {
    const why = complaint(property, value)
    return why ? [`${file}: ${property}: ${value} (${why})`] : []
  })
  expect(wrong).toEqual([])
})

test('what would look wrong is found', () => {
  for (const [property, value] of [
    ['margin-left', '1px'],
    ['text-align', 'right'],
    ['padding', '0 var(--s1) 0 calc(1px + 2px)'],
    ['border-radius', '1px 0 0 1px'],
    ['padding-inline', 'env(safe-area-inset-left) 0'],
    ['transform', 'translateX(4px)'],
  ] as const)
    expect(complaint(property, value), property).toBeDefined()
  expect(complaint('padding', '0 calc(1px + 2px) 1px calc(1px + 2px)')).toBeUndefined()
  expect(complaint('border-radius', '1px 1px 0 0')).toBeUndefined()
})
