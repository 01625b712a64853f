import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { AnyCatalogue, TextId } from './catalogue'
import { en } from './en'
import { factsOf, localeOf, type Spoken } from './languages'

export type { TextId } from './catalogue'
export type Values = Readonly<Record<string, string | number>>

interface Speech {
  spoken: Spoken
  /** BCP 47, for what Intl writes. */
  locale: string
  texts: AnyCatalogue
  plural: Intl.PluralRules
  number: Intl.NumberFormat
}

/** English without the texts of what is fetched later, which {@link speakAll} waits for. */
const speech = createStore<Speech>(() => speechIn('en', en as Partial<AnyCatalogue> as AnyCatalogue))

function speechIn(spoken: Spoken, texts: AnyCatalogue): Speech {
  const locale = localeOf(spoken, globalThis.navigator?.languages ?? [])
  return {
    spoken,
    locale,
    texts,
    plural: new Intl.PluralRules(locale),
    number: new Intl.NumberFormat(locale),
  }
}

let wanted = 0

/**
 * Speak changes the language of all texts, and with it the page's, as soon as
 * its catalogue is here. Of several calls the last one counts. It rejects when
 * the catalogue cannot be fetched; then everything stays as it was.
 */
export async function speak(spoken: Spoken): Promise<void> {
  const mine = ++wanted
  const { direction, load } = factsOf(spoken)
  const now = speech.getState()
  const texts = now.spoken === spoken ? now.texts : await load()
  if (mine !== wanted) return
  if (globalThis.document) {
    document.documentElement.lang = spoken
    document.documentElement.dir = direction
  }
  speech.setState(speechIn(spoken, texts), true)
}

/** SpeakAll has every text here: those of what is fetched later English has apart. It rejects when they cannot be fetched. */
export async function speakAll(): Promise<void> {
  if (speech.getState().spoken !== 'en') return
  const texts = await factsOf('en').load()
  if (speech.getState().spoken === 'en') speech.setState({ texts })
}

/** UseLanguage is the language spoken; what renders with it renders anew when it changes. */
export function useLanguage(): Spoken {
  return useStore(speech, ({ spoken }) => spoken)
}

/** SpeaksEnglish says whether words of the server, which are English, can be shown as they are. */
export function speaksEnglish(): boolean {
  return speech.getState().spoken === 'en'
}

/** Locale is the language spoken, for Intl. */
export function locale(): string {
  return speech.getState().locale
}

/** T is the text with this id, its placeholders filled. The form of a counted text follows `count`. */
export function t(id: TextId, values: Values = {}): string {
  return template(id, values).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    return typeof value === 'number' ? speech.getState().number.format(value) : isolated(value ?? '')
  })
}

const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/** Isolated is a value that would upset the order of a sentence in the other direction, between marks that keep it together. */
function isolated(value: string): string {
  const foreign =
    factsOf(speech.getState().spoken).direction === 'ltr'
      ? rightToLeft.test(value)
      : /\p{L}/u.test(value.replace(new RegExp(rightToLeft, 'gu'), ''))
  return foreign ? `\u2068${value}\u2069` : value
}

/**
 * Parts is the text cut at its placeholders, for texts in which a value needs
 * an element of its own: strings, and the names of the values between them.
 */
export function parts(id: TextId, values: Values = {}): (string | { name: string })[] {
  return template(id, values)
    .split(/(\{\w+\})/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('{') ? { name: part.slice(1, -1) } : part))
}

/** FormatNumber is a number alone, in the digits of the language. */
export function formatNumber(value: number): string {
  return speech.getState().number.format(value)
}

function template(id: TextId, values: Values): string {
  const { texts, plural } = speech.getState()
  const entry = texts[id]
  if (typeof entry === 'string') return entry
  return entry[plural.select(Number(values.count))] ?? entry.other ?? ''
}
