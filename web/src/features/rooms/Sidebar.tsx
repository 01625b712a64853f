import { ChevronsUpDown, Plus, Search } from 'lucide-react'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { Avatar } from '../../design/Avatar'
import { Button, IconButton } from '../../design/Button'
import { Mark } from '../../design/Mark'
import { t } from '../../text/text'
import { AccountDialog } from '../settings/AccountDialog'
import { modifier } from '../settings/platform'
import { useUnread, useWorkspace } from '../workspace'
import { CreateRoomDialog } from './CreateRoomDialog'
import { listed } from './listed'
import { RoomLink } from './RoomLink'
import styles from './Sidebar.module.css'

/** Sidebar is the navigation: the person's rooms, the rooms open to join, and the account. */
export function Sidebar({ onSwitch }: { onSwitch: () => void }) {
  const [creating, setCreating] = useState(false)
  const [location] = useLocation()
  const { rooms, loaded, failed } = useStore(useWorkspace().rooms.state)
  const unread = useUnread()
  const { mine, open } = listed(rooms)
  const link = (room: (typeof rooms)[number]) => (
    <RoomLink
      key={room.id}
      room={room}
      unread={unread[room.id] ?? 0}
      current={location === `/r/${room.id}`}
    />
  )

  return (
    <nav className={styles.sidebar} aria-label={t('rooms.title')}>
      <header className={styles.head}>
        <span className={styles.brand}>
          <Mark size={24} />
          {t('app.name')}
        </span>
        <IconButton label={t('rooms.create')} onClick={() => setCreating(true)}>
          <Plus size={19} aria-hidden />
        </IconButton>
      </header>

      <button type="button" className={styles.search} onClick={onSwitch} aria-keyshortcuts="Control+K Meta+K">
        <Search size={15} aria-hidden />
        <span>{t('switcher.open')}</span>
        <kbd>{modifier('K')}</kbd>
      </button>

      <div className={styles.lists}>
        {!loaded && !failed && <Placeholder />}
        {failed && !loaded && <Failed />}
        {loaded && rooms.length === 0 && <Empty onCreate={() => setCreating(true)} />}
        {mine.length > 0 && (
          <section aria-labelledby="rooms-mine">
            <h2 id="rooms-mine" className={styles.heading}>
              {t('rooms.yours')}
            </h2>
            <ul>{mine.map(link)}</ul>
          </section>
        )}
        {open.length > 0 && (
          <section aria-labelledby="rooms-open">
            <h2 id="rooms-open" className={styles.heading}>
              {t('rooms.open')}
            </h2>
            <ul>{open.map(link)}</ul>
          </section>
        )}
      </div>

      <Account />
      {creating && <CreateRoomDialog onClose={() => setCreating(false)} />}
    </nav>
  )
}

function Placeholder() {
  return (
    <div className={styles.placeholder} aria-hidden>
      <span />
      <span />
      <span />
    </div>
  )
}

function Failed() {
  const workspace = useWorkspace()
  return (
    <div className={styles.empty}>
      <p role="alert">{t('rooms.failed')}</p>
      <Button onClick={() => void workspace.refresh()}>{t('rooms.retry')}</Button>
    </div>
  )
}

function Empty({ onCreate }: { onCreate: () => void }) {
  return (
    <div className={styles.empty}>
      <p>{t('rooms.empty')}</p>
      <p>{t('rooms.emptyHint')}</p>
      <Button look="primary" onClick={onCreate}>
        {t('rooms.create')}
      </Button>
    </div>
  )
}

function Account() {
  const { user } = useWorkspace()
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className={styles.account} onClick={() => setOpen(true)}>
        <span className="visually-hidden">{t('account.open')}</span>
        <Avatar id={user.id} name={user.name} small />
        <span className={styles.person}>
          <bdi>{user.name}</bdi>
          <bdi className={styles.handle}>@{user.handle}</bdi>
        </span>
        <ChevronsUpDown size={15} aria-hidden />
      </button>
      {open && <AccountDialog onClose={() => setOpen(false)} />}
    </>
  )
}
