import { parts } from '../../text/text'
import styles from './WritersLine.module.css'

/** WritersLine says who writes. Its place is kept, so that nothing moves; nobody is told aloud, again and again. */
export function WritersLine({ names }: { names: readonly string[] }) {
  const [name, other] = names
  const id = names.length > 2 ? 'writers.many' : names.length === 2 ? 'writers.two' : 'writers.one'
  return (
    <p className={styles.line}>
      {name !== undefined && (
        <>
          <span className={styles.dots} aria-hidden>
            <i />
            <i />
            <i />
          </span>
          <span>
            {parts(id).map((part) =>
              typeof part === 'string' ? (
                part
              ) : (
                <bdi key={part.name}>{part.name === 'name' ? name : other}</bdi>
              ),
            )}
          </span>
        </>
      )}
    </p>
  )
}
