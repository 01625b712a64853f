import type { en } from './en'
import type { enLater } from './enLater'

type English = typeof en & typeof enLater

export type TextId = keyof English

/** The forms of a text that depends on a number, one for each plural category of its language. */
export type Forms<Category extends Intl.LDMLPluralRule> = Readonly<Record<Category, string>>

/**
 * Catalogue is every text in one language, whose plural has the given
 * categories (CLDR, cardinal). A missing text, a form too few and a form too
 * many do not compile.
 */
export type Catalogue<Category extends Intl.LDMLPluralRule> = {
  readonly [Id in TextId]: English[Id] extends string ? string : Forms<Category>
}

/** AnyCatalogue is a catalogue of whichever language. */
export type AnyCatalogue = Readonly<Record<TextId, string | Partial<Forms<Intl.LDMLPluralRule>>>>
