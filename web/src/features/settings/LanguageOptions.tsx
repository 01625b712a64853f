import { languages } from '../../text/languages'

/** LanguageOptions is every language that is spoken, by the name that it calls itself. */
export function LanguageOptions() {
  return Object.entries(languages).map(([code, { name, direction }]) => (
    <option key={code} value={code} lang={code} dir={direction}>
      {name}
    </option>
  ))
}
