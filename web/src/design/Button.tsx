import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import styles from './Button.module.css'

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: 'primary' | 'plain' | 'quiet' | 'danger'
  busy?: boolean
  /** Where a dialog begins. */
  'data-focus'?: boolean
  children: ReactNode
}

/** Button is a button with words on it. While busy it takes no second click and keeps the focus. */
export function Button({
  look = 'plain',
  busy = false,
  type = 'button',
  className,
  onClick,
  ...rest
}: Props) {
  return (
    <button
      {...rest}
      type={type}
      className={join(styles.button, styles[look], className)}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    />
  )
}

type IconProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> & {
  /** What it does: its accessible name and its tooltip. */
  label: string
  buttonRef?: Ref<HTMLButtonElement>
  children: ReactNode
}

/** IconButton is a button with an icon only. */
export function IconButton({ label, buttonRef, className, type = 'button', ...rest }: IconProps) {
  return (
    <button
      title={label}
      {...rest}
      ref={buttonRef}
      type={type}
      aria-label={label}
      className={join(styles.icon, className)}
    />
  )
}

function join(...names: (string | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}
