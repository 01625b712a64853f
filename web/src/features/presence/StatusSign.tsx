import type { Status } from '../../conversation/status'
import styles from './StatusSign.module.css'

/** A disc, a half-moon, a disc with a bar, a ring: what colour says, the shape says too. */
const shapes: Readonly<Record<Status, string>> = {
  online: 'M5 0a5 5 0 0 1 0 10A5 5 0 0 1 5 0Z',
  away: 'M4.6 0a3.8 3.8 0 0 0 5.4 5.4A5 5 0 1 1 4.6 0Z',
  dnd: 'M5 0a5 5 0 0 1 0 10A5 5 0 0 1 5 0ZM2.2 4.1v1.8h5.6V4.1Z',
  offline: 'M5 0a5 5 0 0 1 0 10A5 5 0 0 1 5 0ZM5 2.1a2.9 2.9 0 0 0 0 5.8A2.9 2.9 0 0 0 5 2.1Z',
}

/** StatusSign is how somebody is shown, for the eye alone; words stand beside it. */
export function StatusSign({ status }: { status: Status }) {
  return (
    <svg viewBox="0 0 10 10" className={`${styles.sign} ${styles[status]}`} data-status={status} aria-hidden>
      <path d={shapes[status]} fill="currentColor" fillRule="evenodd" />
    </svg>
  )
}
