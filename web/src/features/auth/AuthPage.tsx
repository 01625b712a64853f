import { useEffect, useState } from 'react'
import type { Session } from '../../connection/session'
import { Button } from '../../design/Button'
import { Mark } from '../../design/Mark'
import { useTitle } from '../../design/title'
import { t } from '../../text/text'
import { quiet, settled } from '../rare'
import styles from './AuthPage.module.css'
import { CredentialsForm } from './CredentialsForm'
import type { Purpose } from './credentials'
import type { AuthLink } from './link'

const LanguageChoice = quiet('LanguageChoice', () => import('./LanguageChoice'))

interface Props {
  session: Session
  /** The link that brought the person here, if one did. */
  link?: AuthLink
  /** The link has done what it is for. */
  onDone?: () => void
}

const other = { signIn: 'signUp', signUp: 'signIn' } as const

/** AuthPage stands before everything else; the address stays, so a deep link survives signing in. */
export function AuthPage({ session, link, onDone }: Props) {
  const [purpose, setPurpose] = useState<Purpose>(link?.purpose ?? 'signIn')
  useEffect(settled, [])
  useTitle(`${t(`auth.${purpose}.title`)} · ${t('app.name')}`)
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <header className={styles.brand}>
          <Mark size={26} />
          <span>{t('app.name')}</span>
        </header>
        <h1 className={styles.title}>{t(`auth.${purpose}.title`)}</h1>
        <p className={styles.lead}>{t(`auth.${purpose}.lead`)}</p>
        <CredentialsForm
          key={purpose}
          session={session}
          purpose={purpose}
          token={link?.token ?? ''}
          onDone={onDone}
        />
        {(purpose === 'signIn' || purpose === 'signUp') && (
          <p className={styles.switch}>
            {t(`auth.${purpose}.switch`)}
            <Button look="quiet" onClick={() => setPurpose(other[purpose])}>
              {t(`auth.${purpose}.switchAction`)}
            </Button>
          </p>
        )}
      </div>
      <div className={styles.language}>
        <LanguageChoice />
      </div>
    </main>
  )
}
