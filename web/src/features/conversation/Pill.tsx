import { ArrowDown } from 'lucide-react'
import { t } from '../../text/text'
import styles from './Pill.module.css'

/** Pill leads to the latest message, and says how many came since the reader scrolled away. */
export function Pill({ count, onClick }: { count: number; onClick: () => void }) {
  return (
    <button
      type="button"
      className={count > 0 ? `${styles.pill} ${styles.fresh}` : styles.pill}
      onClick={onClick}
    >
      <ArrowDown size={15} aria-hidden />
      {count > 0 ? t('timeline.pill', { count }) : t('timeline.latest')}
    </button>
  )
}
