import type { AnyCatalogue, TextId } from './catalogue'
import { en } from './en'
import { enLater } from './enLater'

const plain = [...'abcdefghijklmnopqrstuvwxyzACDEGINOSTUY']
const disguised = [...'åƀçðéƒğĥîĵķļɱñöþǫŕšţûṽŵẋýžÅÇÐÉĞÎÑÖŠŢÛÝ']
const accented = new Map(plain.map((letter, index) => [letter, disguised[index]]))

/** Disguise is a text with other letters, longer by a third, between marks; its placeholders stay. */
function disguise(text: string): string {
  const letters = text
    .split(/(\{\w+\})/)
    .map((part) => (part.startsWith('{') ? part : [...part].map((c) => accented.get(c) ?? c).join('')))
    .join('')
  return `⟦${letters}${'~'.repeat(Math.ceil(text.length / 3))}⟧`
}

/** Pseudo is English in disguise: every id of the catalogue, and nothing else, looks like it. */
export const pseudo = Object.fromEntries(
  Object.entries({ ...en, ...enLater }).map(([id, text]) => [
    id,
    typeof text === 'string' ? disguise(text) : { one: disguise(text.one), other: disguise(text.other) },
  ]),
) as unknown as Record<TextId, AnyCatalogue[TextId]>
