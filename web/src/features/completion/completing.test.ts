import { beforeEach, expect, test } from 'vitest'
import { Completion, type Option, type Source } from './completing'

/** Names that a source knows, and those that it learns when it is told to. */
class Names implements Source {
  readonly least: number
  known: string[]
  #learning: Promise<void> | undefined
  #learnt: (() => void) | undefined

  constructor(known: string[], least = 0) {
    this.known = known
    this.least = least
  }

  find(query: string): Option[] {
    return this.known
      .filter((name) => name.startsWith(query))
      .map((name) => ({ id: name, text: `<${name}>`, complete: name === query }))
  }

  learn(): Promise<void> | undefined {
    return this.#learning
  }

  exactly(query: string): Option | undefined {
    return this.known.includes(query) ? { id: query, text: `<${query}>`, complete: true } : undefined
  }

  willLearn(): void {
    this.#learning = new Promise((resolve) => {
      this.#learnt = resolve
    })
  }

  async learns(...names: string[]): Promise<void> {
    this.known = [...names, ...this.known]
    this.#learnt?.()
    await this.#learning
    this.#learning = undefined
  }
}

let people: Names
let completion: Completion

beforeEach(() => {
  people = new Names(['ann', 'anna', 'bo'])
  completion = new Completion({
    '@': people,
    '#': new Names(['general']),
    ':': new Names(['tada', 'taxi'], 2),
  })
})

/** Writes a text up to its end. */
const write = (text: string) => completion.wrote(text, text.length)
/** What is offered, the present one marked. */
const offered = () => {
  const { options, at } = completion.state.getState()
  return options.map(({ id }, index) => (index === at ? `>${id}` : id)).join(' ')
}

test('what fits is offered while a word is written, and the arrows go around', () => {
  write('hello @')
  expect(offered()).toBe('>ann anna bo')
  write('hello @a')
  expect(offered()).toBe('>ann anna')
  expect(completion.press('ArrowDown')).toBe('taken')
  expect(offered()).toBe('ann >anna')
  completion.press('ArrowDown')
  expect(offered()).toBe('>ann anna')
  completion.press('ArrowUp')
  expect(offered()).toBe('ann >anna')
  write('hello @x')
  expect(offered()).toBe('')
  expect(completion.press('ArrowUp')).toBe('not mine')
})

test.each(['Tab', 'Enter'])('%s takes the present option, in place of the word', (key) => {
  write('hello @a')
  completion.press('ArrowDown')
  expect(completion.press(key)).toEqual({ from: 6, to: 8, text: '<anna> ' })
  expect(offered()).toBe('')
  expect(completion.press(key)).toBe('not mine')
})

test('Enter sends what is complete; Tab takes it', () => {
  write('@ann')
  expect(completion.press('Enter')).toBe('not mine')
  expect(offered()).toBe('')
  write('x @ann')
  expect(completion.press('Tab')).toEqual({ from: 2, to: 6, text: '<ann> ' })
})

test('other keys are not the list’s', () => {
  write('@a')
  for (const key of ['a', 'ArrowLeft', 'Home', 'F6', 'Shift']) expect(completion.press(key)).toBe('not mine')
  expect(offered()).toBe('>ann anna')
})

test('Esc closes it for this word, and not for the next', () => {
  write('@a')
  expect(completion.press('Escape')).toBe('taken')
  expect(completion.press('Escape')).toBe('not mine')
  write('@an')
  expect(offered()).toBe('')
  write('@an @b')
  expect(offered()).toBe('>bo')
  write('@an')
  expect(offered()).toBe('>ann anna')
})

test('a name with a space in it is not offered again behind that', () => {
  write('#gen')
  expect(completion.press('Tab')).toEqual({ from: 0, to: 4, text: '<general> ' })
  write('<general> ')
  write('#general ')
  expect(offered()).toBe('')
})

test('it opens by writing alone, and closes when the caret goes elsewhere', () => {
  completion.moved('@a', 2, 2)
  expect(offered()).toBe('')
  write('@a')
  completion.moved('@a', 2, 2)
  expect(offered()).toBe('>ann anna')
  completion.moved('@a', 0, 2)
  expect(offered()).toBe('')
  completion.moved('@a', 2, 2)
  expect(offered()).toBe('')
  write('@an')
  completion.moved('@an', 0, 0)
  expect(offered()).toBe('')
})

test('so many letters as the source needs', () => {
  write(':t')
  expect(offered()).toBe('')
  write(':ta')
  expect(offered()).toBe('>tada taxi')
})

test('a word that is closed by its sign is what it says, at once', () => {
  expect(write('so :tada:')).toEqual({ from: 3, to: 9, text: '<tada>' })
  expect(offered()).toBe('')
  expect(write('so :tad:')).toBeUndefined()
})

test('what is learnt is offered too, and the present option stays it', async () => {
  people.willLearn()
  write('@a')
  completion.press('ArrowDown')
  await people.learns('aa')
  expect(offered()).toBe('aa ann >anna')
})

test('something is offered when it comes to be known', async () => {
  people.known = []
  people.willLearn()
  write('@a')
  expect(offered()).toBe('')
  await people.learns('ann')
  expect(offered()).toBe('>ann')
})

test.each<[string, () => void]>([
  ['the word is another', () => write('@b')],
  ['the word is gone', () => write('b')],
  ['Esc was pressed', () => completion.press('Escape')],
  ['the caret went away', () => completion.moved('@a', 0, 0)],
  ['the field was left', () => completion.close()],
])('what is learnt is too late when %s', async (_, happens) => {
  people.willLearn()
  write('@a')
  happens()
  const before = offered()
  await people.learns('aa')
  expect(offered()).toBe(before)
})
