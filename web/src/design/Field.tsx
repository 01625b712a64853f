import { type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, useId } from 'react'
import styles from './Field.module.css'

type Props = InputHTMLAttributes<HTMLInputElement> & {
  label: string
  /** A rule, shown before anything is wrong. */
  hint?: string | undefined
  /** What is wrong, in place of the hint. */
  error?: string | undefined
  /** Something at the end of the line, such as a button. */
  end?: ReactNode
  inputRef?: Ref<HTMLInputElement>
  /** Where a dialog begins. */
  'data-focus'?: boolean | undefined
}

/** Field is a labelled line of input. Hint and error share one place, so that an error moves nothing. */
export function Field({ label, hint, error, end, inputRef, ...input }: Props) {
  const id = useId()
  const noteId = `${id}-note`
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <div className={styles.line}>
        <input
          {...input}
          ref={inputRef}
          id={id}
          className={styles.input}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={noteId}
        />
        {end}
      </div>
      <p id={noteId} className={error === undefined ? styles.note : `${styles.note} ${styles.error}`}>
        {error ?? hint ?? ''}
      </p>
    </div>
  )
}

/** SelectField is a labelled choice out of many. */
export function SelectField({
  label,
  children,
  ...select
}: SelectHTMLAttributes<HTMLSelectElement> & { label: string; children: ReactNode }) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <div className={styles.line}>
        <select {...select} id={id} className={styles.select}>
          {children}
        </select>
      </div>
    </div>
  )
}
