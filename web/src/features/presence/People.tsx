import { Avatar } from '../../design/Avatar'
import type { PersonInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { useWorkspace } from '../workspace'
import styles from './People.module.css'

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** People is the list of those who are in the room right now. */
export function People({ online }: { online: readonly PersonInfo[] }) {
  const { user } = useWorkspace()
  if (online.length === 0) return <p className={styles.none}>{t('people.none')}</p>
  const sorted = [...online].sort((a, b) => byName.compare(a.name, b.name) || a.id - b.id)
  return (
    <ul className={styles.list}>
      {sorted.map((person) => (
        <li key={person.id} className={styles.person}>
          <span className={styles.face}>
            <Avatar id={person.id} name={person.name} small />
            <span className={styles.dot} />
          </span>
          <span className={styles.who}>
            <bdi>{person.name}</bdi>
            <bdi className={styles.handle}>@{person.handle}</bdi>
          </span>
          {person.id === user.id && <span className={styles.you}>{t('people.you')}</span>}
        </li>
      ))}
    </ul>
  )
}
