import { ArrowDown } from 'lucide-react'
import { t } from '../../text/text'
import styles from './Pill.module.css'

interface Props {
  count: number
  /** What is in sight is not a part of the present. */
  past: boolean
  onClick: () => void
}

/** Pill leads to the latest message, and says how many came since the reader scrolled away. */
export function Pill({ count, past, onClick }: Props) {
  return (
    <button
      type="button"
      className={count > 0 ? `${styles.pill} ${styles.fresh}` : styles.pill}
      onClick={onClick}
    >
      <ArrowDown size={15} aria-hidden />
      {count > 0 ? t('timeline.pill', { count }) : t(past ? 'timeline.present' : 'timeline.latest')}
    </button>
  )
}
