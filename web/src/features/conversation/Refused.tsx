import { useLocation } from 'wouter'
import { Button } from '../../design/Button'
import { t } from '../../text/text'
import styles from './Refused.module.css'

/** Refused stands where a room would be that is not there, or not for this person. */
export function Refused({ title, hint, retry }: { title: string; hint: string; retry?: () => void }) {
  const [, navigate] = useLocation()
  return (
    <main className={styles.page}>
      <h1 className={styles.title}>{title}</h1>
      <p className={styles.hint}>{hint}</p>
      <div className={styles.actions}>
        {retry && <Button onClick={retry}>{t('rooms.retry')}</Button>}
        <Button onClick={() => navigate('/')}>{t('rooms.back')}</Button>
      </div>
    </main>
  )
}
