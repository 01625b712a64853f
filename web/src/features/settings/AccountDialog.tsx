import { LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { useStore } from 'zustand'
import { Avatar } from '../../design/Avatar'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { type TextId, t } from '../../text/text'
import { useWorkspace } from '../workspace'
import styles from './AccountDialog.module.css'
import { alternate, modifier } from './platform'
import { chooseTheme, theme, themes } from './theme'

const icons = { system: Monitor, light: Sun, dark: Moon }

const shortcuts: readonly [TextId, readonly string[]][] = [
  ['shortcut.switcher', [modifier('K')]],
  ['shortcut.rooms', [alternate('↑'), alternate('↓')]],
  ['shortcut.unread', [alternate('Shift ↑'), alternate('Shift ↓')]],
  ['shortcut.latest', ['Esc']],
  ['shortcut.firstUnread', ['Shift PgUp']],
  ['shortcut.edit', ['↑']],
  ['shortcut.send', ['Enter']],
  ['shortcut.newline', ['Shift Enter']],
  ['shortcut.rows', ['↑', '↓']],
]

/** AccountDialog is who is signed in, how Parley looks, its keys, and the way out. */
export function AccountDialog({ onClose }: { onClose: () => void }) {
  const { user, session } = useWorkspace()
  const chosen = useStore(theme)
  return (
    <Dialog title={t('account.title')} onClose={onClose}>
      <div className={styles.person}>
        <Avatar id={user.id} name={user.name} />
        <div className={styles.who}>
          <bdi className={styles.name}>{user.name}</bdi>
          <bdi className={styles.email}>{user.email}</bdi>
        </div>
      </div>

      <h3 id="account-theme" className={styles.heading}>
        {t('account.theme')}
      </h3>
      <div role="radiogroup" aria-labelledby="account-theme" className={styles.themes}>
        {themes.map((value) => {
          const Icon = icons[value]
          return (
            <label key={value} className={styles.theme}>
              <input
                type="radio"
                name="theme"
                value={value}
                checked={chosen === value}
                onChange={() => chooseTheme(value)}
              />
              <Icon size={16} aria-hidden />
              {t(`account.theme.${value}`)}
            </label>
          )
        })}
      </div>

      <h3 className={styles.heading}>{t('account.shortcuts')}</h3>
      <dl className={styles.shortcuts}>
        {shortcuts.map(([id, keys]) => (
          <div key={id}>
            <dt>{t(id)}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>

      <Button className={styles.out} onClick={() => void session.signOut()}>
        <LogOut size={16} aria-hidden />
        {t('account.signOut')}
      </Button>
    </Dialog>
  )
}
