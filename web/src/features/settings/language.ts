import { createStore } from 'zustand/vanilla'
import { firstOf, isLanguage, type Language, pseudoLanguage, type Spoken } from '../../text/languages'
import { speak } from '../../text/text'

/** A language that was chosen; `system` follows the browser. */
export type Choice = 'system' | Spoken

const key = 'parley.language'

/** Language is the choice of this device. */
export const language = createStore<Choice>(() => {
  try {
    const kept = localStorage.getItem(key) ?? ''
    return isLanguage(kept) || kept === pseudoLanguage ? kept : 'system'
  } catch {
    return 'system'
  }
})

/** SpeakChosen speaks the language of this device; while its texts cannot be fetched, English. */
export async function speakChosen(): Promise<void> {
  await speak(spokenFor(language.getState())).catch(() => undefined)
}

/** ChooseLanguage speaks another language from now on. It rejects when its texts cannot be fetched. */
export async function chooseLanguage(chosen: 'system' | Language): Promise<void> {
  await speak(spokenFor(chosen))
  language.setState(chosen, true)
  try {
    if (chosen === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, chosen)
  } catch {
    // Full or forbidden: the choice lives as long as the page.
  }
}

function spokenFor(chosen: Choice): Spoken {
  return chosen === 'system' ? firstOf(navigator.languages) : chosen
}
