import { Bell, Keyboard, KeyRound, LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Avatar } from '../../design/Avatar'
import { Button } from '../../design/Button'
import { Choice } from '../../design/Choice'
import { Dialog } from '../../design/Dialog'
import { SelectField } from '../../design/Field'
import { isLanguage } from '../../text/languages'
import { t } from '../../text/text'
import { warn } from '../notices/toast'
import { NotificationsDialog } from '../notifications/NotificationsDialog'
import { KeyboardDialog } from '../rooms/dialogs'
import { useSelf, useWorkspace } from '../workspace'
import styles from './AccountDialog.module.css'
import { chooseDensity, densities, density } from './density'
import { LanguageOptions } from './LanguageOptions'
import { chooseLanguage, language } from './language'
import { ProfileDialog } from './ProfileDialog'
import { SecurityDialog } from './SecurityDialog'
import { StatusField } from './StatusField'
import { chooseTheme, theme, themes } from './theme'

const icons = { system: Monitor, light: Sun, dark: Moon }

/** AccountDialog is who is signed in, how Parley looks, its keys, and the way out. */
export function AccountDialog({ onClose }: { onClose: () => void }) {
  const { session } = useWorkspace()
  const user = useSelf()
  const [open, setOpen] = useState<'profile' | 'security' | 'notifications' | 'keys'>()
  const chosen = useStore(theme)
  const spacing = useStore(density)
  return (
    <Dialog title={t('account.title')} onClose={onClose}>
      <div className={styles.person}>
        <Avatar id={user.id} name={user.name} />
        <div className={styles.who}>
          <bdi className={styles.name}>{user.name}</bdi>
          <bdi className={styles.email}>{user.email}</bdi>
        </div>
      </div>

      <StatusField />

      <div className={styles.ways}>
        <Button onClick={() => setOpen('profile')}>
          <UserRound size={16} aria-hidden />
          {t('profile.title')}
        </Button>
        <Button onClick={() => setOpen('security')}>
          <KeyRound size={16} aria-hidden />
          {t('security.title')}
        </Button>
        <Button onClick={() => setOpen('notifications')}>
          <Bell size={16} aria-hidden />
          {t('notify.title')}
        </Button>
        <Button onClick={() => setOpen('keys')}>
          <Keyboard size={16} aria-hidden />
          {t('account.shortcuts')}
        </Button>
      </div>

      <h3 className={styles.heading}>{t('account.theme')}</h3>
      <Choice
        label={t('account.theme')}
        value={chosen}
        onChange={chooseTheme}
        options={themes.map((value) => ({
          value,
          label: t(`account.theme.${value}`),
          icon: icons[value],
        }))}
      />
      <h3 className={styles.heading}>{t('account.density')}</h3>
      <Choice
        label={t('account.density')}
        value={spacing}
        onChange={chooseDensity}
        options={densities.map((value) => ({ value, label: t(`account.density.${value}`) }))}
      />

      <div className={styles.language}>
        <LanguageField />
      </div>

      <Button className={styles.out} onClick={() => void session.signOut()}>
        <LogOut size={16} aria-hidden />
        {t('account.signOut')}
      </Button>
      {open === 'profile' && <ProfileDialog onClose={() => setOpen(undefined)} />}
      {open === 'keys' && <KeyboardDialog onClose={() => setOpen(undefined)} />}
      {open === 'security' && <SecurityDialog onClose={() => setOpen(undefined)} />}
      {open === 'notifications' && <NotificationsDialog onClose={() => setOpen(undefined)} />}
    </Dialog>
  )
}

/** LanguageField lets each language call itself by its own name. */
function LanguageField() {
  const chosen = useStore(language)
  return (
    <SelectField
      label={t('account.language')}
      value={chosen}
      onChange={({ target: { value } }) =>
        void chooseLanguage(isLanguage(value) ? value : 'system').catch(() => warn(t('error.offline')))
      }
    >
      <option value="system">{t('account.language.system')}</option>
      <LanguageOptions />
    </SelectField>
  )
}
