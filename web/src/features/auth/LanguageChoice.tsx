import { Languages } from 'lucide-react'
import { useState } from 'react'
import { isLanguage, languages } from '../../text/languages'
import { t, useLanguage } from '../../text/text'
import { LanguageOptions } from '../settings/LanguageOptions'
import { chooseLanguage } from '../settings/language'
import styles from './LanguageChoice.module.css'

/** LanguageChoice lets a person who is not signed in choose a language, each by its own name. */
export function LanguageChoice() {
  const spoken = useLanguage()
  const [failed, setFailed] = useState(false)
  const choose = (chosen: string) => {
    if (!isLanguage(chosen)) return
    setFailed(false)
    chooseLanguage(chosen).catch(() => setFailed(true))
  }
  return (
    <>
      <label className={styles.choice}>
        <Languages size={16} aria-hidden />
        <span className="visually-hidden">{t('account.language')}</span>
        <select
          value={isLanguage(spoken) ? spoken : Object.keys(languages)[0]}
          onChange={({ target }) => choose(target.value)}
        >
          <LanguageOptions />
        </select>
      </label>
      {failed && (
        <p className={styles.failed} role="alert">
          {t('error.offline')}
        </p>
      )}
    </>
  )
}
