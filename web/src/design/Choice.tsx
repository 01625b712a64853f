import { type ComponentType, useId } from 'react'
import styles from './Choice.module.css'

export interface Option<Value extends string> {
  value: Value
  label: string
  icon?: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>
}

interface Props<Value extends string> {
  /** What is chosen, for assistive technology; a heading may say it to the eye. */
  label: string
  options: readonly Option<Value>[]
  value: Value
  onChange: (value: Value) => void
}

/** Choice is one of a few, all in sight. */
export function Choice<Value extends string>({ label, options, value, onChange }: Props<Value>) {
  const name = useId()
  return (
    <div role="radiogroup" aria-label={label} className={styles.choice}>
      {options.map(({ value: own, label, icon: Icon }) => (
        <label key={own} className={styles.option}>
          <input
            type="radio"
            name={name}
            value={own}
            checked={own === value}
            onChange={() => onChange(own)}
          />
          {Icon && <Icon size={16} aria-hidden />}
          {label}
        </label>
      ))}
    </div>
  )
}
