import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AnyCatalogue } from './catalogue'
import { en as atOnce } from './en'
import { enLater } from './enLater'
import { factsOf, firstOf, isLanguage, languages, localeOf, pseudoLanguage } from './languages'
import { parts, speak, speakAll, t } from './text'
import { briefTime, clockTime, dayName, timeAgo } from './time'

const en = { ...atOnce, ...enLater }

beforeAll(speakAll)
afterEach(async () => {
  vi.unstubAllGlobals()
  await speak('en')
})

const spoken = [...Object.keys(languages).filter(isLanguage), pseudoLanguage] as const

for (const language of spoken)
  describe(language, () => {
    test('has every text, and in it every placeholder of the English one, and no other', async () => {
      const texts = await factsOf(language).load()
      expect(Object.keys(texts).sort()).toEqual(Object.keys(en).sort())
      for (const id of Object.keys(en) as (keyof typeof en)[]) {
        const wanted = placeholders(en[id])
        for (const form of formsOf(texts[id])) {
          expect(form.trim(), id).toBe(form)
          expect(form, id).not.toBe('')
          const found = placeholders(form)
          // A form may say its number in words.
          if (typeof texts[id] !== 'string') for (const set of [found, wanted]) set.delete('count')
          expect([...found].sort(), `${id}: ${form}`).toEqual([...wanted].sort())
        }
      }
    })

    test('has a form for every plural category of its language, and the number in those of many numbers', async () => {
      const texts = await factsOf(language).load()
      const rules = new Intl.PluralRules(language)
      for (const [id, entry] of Object.entries(texts)) {
        if (typeof entry === 'string') continue
        expect(Object.keys(entry).sort(), id).toEqual([...rules.resolvedOptions().pluralCategories].sort())
        for (let count = 3; count <= 120; count++)
          expect(entry[rules.select(count)], `${id}, ${count}`).toContain('{count}')
      }
    })
  })

test('no language but English has a text left in English', async () => {
  for (const language of ['de', 'ar', 'ja'] as const) {
    const texts = await languages[language].load()
    const same = Object.keys(en).filter(
      (id) => JSON.stringify(texts[id as keyof typeof en]) === JSON.stringify(en[id as keyof typeof en]),
    )
    for (const id of same) expect(alike[language], id).toContain(id)
  }
})

/** Texts that are right as they are in English, because they are names, or the word is the same. */
const alike: Record<'de' | 'ar' | 'ja', readonly string[]> = {
  de: [
    'app.name',
    'account.theme.system',
    'create.name',
    'shortcut.code',
    'people.away',
    'people.here',
    'people.role.admin',
    'profile.name',
    'rooms.unreadMentions',
    'status.label',
    'status.offline',
    'status.online',
    'timeline.arrived',
    'timeline.row',
  ],
  ar: ['app.name', 'timeline.arrived'],
  ja: ['app.name'],
}

test('Arabic counts in six forms', async () => {
  vi.stubGlobal('navigator', { languages: ['ar-EG'] })
  await speak('ar')
  const said = [0, 1, 2, 3, 11, 100].map((count) => t('rooms.members', { count }))
  expect(said).toEqual(['لا أعضاء', 'عضو واحد', 'عضوان', '٣ أعضاء', '١١ عضوًا', '١٠٠ عضو'])
})

test('times and numbers are written as the variety of the language writes them', async () => {
  const noon = new Date(2026, 10, 26, 15, 5).getTime()
  for (const [wanted, clock, number] of [
    ['de-DE', '15:05', '1.234 Mitglieder'],
    ['de-AT', '15:05', '1\u00a0234 Mitglieder'],
  ] as const) {
    vi.stubGlobal('navigator', { languages: ['fr', wanted] })
    await speak('de')
    expect(clockTime(noon)).toBe(clock)
    expect(t('rooms.members', { count: 1234 })).toBe(number)
  }
  expect(dayName(noon, noon)).toBe('Heute')
  expect(dayName(noon - 86_400_000, noon)).toBe('Gestern')
  await speak('ja')
  expect(dayName(noon - 3 * 86_400_000, noon)).toBe('11月23日月曜日')
})

test('the brief time leaves out the half of the day, wherever the language puts it', async () => {
  const evening = new Date(2026, 10, 26, 22, 5).getTime()
  for (const [spoken, variety, clock, brief] of [
    ['en', 'en-US', '10:05 PM', '10:05'],
    ['en', 'en-GB', '22:05', '22:05'],
    ['ja', 'ja-JP-u-hc-h12', '午後10:05', '10:05'],
    ['ar', 'ar-EG', '١٠:٠٥ م', '١٠:٠٥'],
  ] as const) {
    vi.stubGlobal('navigator', { languages: [variety] })
    await speak(spoken)
    expect(clockTime(evening).replace(/\s/g, ' ')).toBe(clock)
    expect(briefTime(evening)).toBe(brief)
  }
})

test('how long ago something was is told in the largest unit that fits', async () => {
  const minutes = (count: number) => timeAgo(0, count * 60_000)
  expect([0, 1, 59.9, 60, 1439, 1440, 10_080, 43_200, 525_600 * 2].map(minutes)).toEqual([
    '1 minute ago',
    '1 minute ago',
    '59 minutes ago',
    '1 hour ago',
    '23 hours ago',
    '1 day ago',
    '1 week ago',
    '1 month ago',
    '2 years ago',
  ])
  await speak('de')
  expect(t('people.lastSeen', { when: minutes(5) })).toBe('Zuletzt online vor 5 Minuten')
})

test('a name in the other direction keeps its order in a sentence', async () => {
  expect(t('leave.title', { room: 'C++' })).toBe('Leave C++?')
  expect(t('leave.title', { room: 'فريق' })).toBe('Leave \u2068فريق\u2069?')
  await speak('ar')
  expect(t('leave.title', { room: 'C++' })).toBe('مغادرة \u2068C++\u2069؟')
  expect(t('leave.title', { room: 'فريق' })).toBe('مغادرة فريق؟')
})

test('the first language that is wanted and spoken is taken, in the wanted variety', () => {
  expect(firstOf(['fr-FR', 'de-AT', 'en'])).toBe('de')
  expect(firstOf(['pt-BR'])).toBe('en')
  expect(firstOf([])).toBe('en')
  expect(firstOf(['constructor'])).toBe('en')
  expect(localeOf('en', ['de', 'en-GB', 'en-US'])).toBe('en-GB')
  expect(localeOf('ar', ['en-GB'])).toBe('ar')
})

test('in English the texts of what is fetched later come with it, in other languages with the rest', async () => {
  vi.resetModules()
  const fresh = await import('./text')
  expect(fresh.t('dialog.cancel')).toBe('Cancel')
  expect(() => fresh.t('switcher.none')).toThrow()
  await fresh.speak('en')
  expect(() => fresh.t('switcher.none')).toThrow()
  await fresh.speakAll()
  expect(fresh.t('switcher.none')).toBe(enLater['switcher.none'])
  await fresh.speak('de')
  await fresh.speakAll()
  expect(fresh.t('switcher.none')).toBe((await import('./de')).de['switcher.none'])
  await fresh.speak('en')
  expect(fresh.t('switcher.none')).toBe(enLater['switcher.none'])
})

test('of two changes of language at once, the last one counts', async () => {
  await Promise.all([speak('de'), speak('en')])
  expect(t('dialog.cancel')).toBe('Cancel')
})

test('the language of nobody marks every text, and leaves the placeholders alone', async () => {
  await speak(pseudoLanguage)
  expect(t('dialog.cancel')).toMatch(/^⟦[^a-z]*~+⟧$/)
  expect(t('leave.title', { room: 'general' })).toContain('general')
  expect(parts('leave.title').filter((part) => typeof part !== 'string')).toEqual([{ name: 'room' }])
})

function formsOf(entry: AnyCatalogue[keyof AnyCatalogue]): string[] {
  return typeof entry === 'string' ? [entry] : Object.values(entry)
}

function placeholders(entry: string | Readonly<Record<string, string>>): Set<string> {
  const forms = typeof entry === 'string' ? [entry] : Object.values(entry)
  return new Set(forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)))
}
