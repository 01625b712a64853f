import type { Session } from '../../connection/session'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import type { Self } from '../../protocol/types'
import { t } from '../../text/text'
import { CredentialsForm } from './CredentialsForm'

/** SignInAgain stands over the work when a session has ended in the middle of it; the work stays. */
export function SignInAgain({ session, user }: { session: Session; user: Self }) {
  return (
    <Dialog title={t('auth.again.title')}>
      <p>{t('auth.again.lead')}</p>
      <br />
      <CredentialsForm session={session} purpose="signIn" email={user.email} />
      <Button look="quiet" onClick={() => void session.signOut()}>
        {t('account.signOut')}
      </Button>
    </Dialog>
  )
}
