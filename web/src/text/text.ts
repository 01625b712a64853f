import { en } from './en'

type Forms = { readonly one: string; readonly other: string }
export type TextId = keyof typeof en
export type Values = Readonly<Record<string, string | number>>

const language = 'en'
const plural = new Intl.PluralRules(language)
const number = new Intl.NumberFormat(language)

/** T is the text with this id, its placeholders filled. The form of a counted text follows `count`. */
export function t(id: TextId, values: Values = {}): string {
  const entry: string | Forms = en[id]
  return typeof entry === 'string' ? fill(entry, values) : fill(formOf(entry, values), values)
}

/**
 * Parts is the text cut at its placeholders, for texts in which a value needs
 * an element of its own: strings, and the names of the values between them.
 */
export function parts(id: TextId, values: Values = {}): (string | { name: string })[] {
  const entry: string | Forms = en[id]
  const template = typeof entry === 'string' ? entry : formOf(entry, values)
  return template
    .split(/(\{\w+\})/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('{') ? { name: part.slice(1, -1) } : part))
}

function formOf(forms: Forms, values: Values): string {
  return plural.select(Number(values.count)) === 'one' ? forms.one : forms.other
}

function fill(template: string, values: Values): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    return typeof value === 'number' ? number.format(value) : (value ?? '')
  })
}
