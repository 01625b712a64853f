import type { AnyCatalogue } from './catalogue'
import { en } from './en'

interface Facts {
  /** What the language calls itself. */
  name: string
  direction: 'ltr' | 'rtl'
  load(): Promise<AnyCatalogue>
}

/** The languages that Parley speaks. What English says at once is always there; everything else is fetched when it is wanted. */
export const languages = {
  en: {
    name: 'English',
    direction: 'ltr',
    load: async () => ({ ...en, ...(await import('./enLater')).enLater }),
  },
  de: { name: 'Deutsch', direction: 'ltr', load: async () => (await import('./de')).de },
  ar: { name: 'العربية', direction: 'rtl', load: async () => (await import('./ar')).ar },
  ja: { name: '日本語', direction: 'ltr', load: async () => (await import('./ja')).ja },
} as const satisfies Record<string, Facts>

export type Language = keyof typeof languages

/**
 * The language of nobody, for tests and translators: English with marks at
 * both ends of every text. What stands outside of marks is in no catalogue;
 * marks next to each other show a sentence put together from pieces.
 */
export const pseudoLanguage = 'en-XA'

/** What can be spoken: a language of people, or the one of nobody. */
export type Spoken = Language | typeof pseudoLanguage

export function isLanguage(code: string): code is Language {
  return Object.hasOwn(languages, code)
}

export function factsOf(spoken: Spoken): Facts {
  if (spoken !== pseudoLanguage) return languages[spoken]
  return { name: 'Pseudo', direction: 'ltr', load: async () => (await import('./pseudo')).pseudo }
}

/** FirstOf is the first of the wanted languages (BCP 47) that is spoken; English when none is. */
export function firstOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split('-')[0] ?? ''
    if (isLanguage(code)) return code
  }
  return 'en'
}

/** LocaleOf is the variety of the language that the device asks for, as en-GB, which decides how dates are written. */
export function localeOf(spoken: Spoken, wanted: readonly string[]): string {
  const code = spoken === pseudoLanguage ? 'en' : spoken
  return wanted.find((tag) => tag === code || tag.startsWith(`${code}-`)) ?? code
}
