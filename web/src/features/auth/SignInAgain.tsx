import type { Session } from '../../connection/session'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import type { Self } from '../../protocol/types'
import { t } from '../../text/text'
import { CredentialsForm } from './CredentialsForm'
import styles from './SignInAgain.module.css'

/** SignInAgain stands over the work when a session has ended in the middle of it; the work stays. */
export function SignInAgain({ session, user }: { session: Session; user: Self }) {
  return (
    <Dialog title={t('auth.again.title')}>
      <p className={styles.lead}>{t('auth.again.lead')}</p>
      <CredentialsForm session={session} purpose="signIn" email={user.email} />
      <Button look="quiet" className={styles.out} onClick={() => void session.signOut()}>
        {t('account.signOut')}
      </Button>
    </Dialog>
  )
}
