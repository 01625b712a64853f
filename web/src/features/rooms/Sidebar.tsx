import { ChevronsUpDown, Compass, Plus, Search, SquarePen } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { statusIn } from '../../conversation/status'
import { Button, IconButton } from '../../design/Button'
import { LongList } from '../../design/LongList'
import { Mark } from '../../design/Mark'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { Face } from '../presence/Face'
import { quiet } from '../rare'
import { modifier } from '../settings/platform'
import {
  useCounted,
  useCut,
  useDrafts,
  useMentions,
  useOwnStatus,
  usePreferences,
  useSelf,
  useStillRooms,
  useWorkspace,
} from '../workspace'
import { roomOf } from './address'
import { AccountDialog, BrowseDialog, CreateRoomDialog, NewMessageDialog } from './dialogs'
import { SidebarEdge, StarOrder } from './edge'
import { listed } from './listed'
import { RoomLink } from './RoomLink'
import styles from './Sidebar.module.css'

const NotificationHint = quiet('NotificationHint', () => import('../notifications/NotificationHint'))

/** Rooms open to join that stand in the list; the others are found by browsing. */
const mostOpen = 6

interface Props {
  onSwitch: () => void
  /** Nothing else is on the page, as on a phone. */
  alone?: boolean
}

/** Sidebar is the navigation: the person's rooms and conversations, rooms open to join, and the account. */
export function Sidebar({ onSwitch, alone = false }: Props) {
  const [dialog, setDialog] = useState<'room' | 'message' | 'browse'>()
  const list = useWorkspace().rooms.state
  const rooms = useStillRooms()
  // What was seen the last time is a list, too.
  const loaded = useStore(list, (state) => state.loaded || state.rooms.length > 0)
  const failed = useStore(list, (state) => state.failed)
  const { starred, mine, direct, open, archived } = listed(rooms, usePreferences())
  const close = () => setDialog(undefined)
  const Brand = alone ? 'h1' : 'span'

  return (
    <nav className={styles.sidebar} aria-label={t('rooms.title')}>
      <header className={styles.head}>
        <Brand className={styles.brand}>
          <Mark size={18} />
          {t('app.name')}
        </Brand>
      </header>

      <button type="button" className={styles.search} onClick={onSwitch} aria-keyshortcuts="Control+K Meta+K">
        <Search size={15} aria-hidden />
        <span>{t('switcher.open')}</span>
        <kbd>{modifier('K')}</kbd>
      </button>

      <div className={styles.lists}>
        {!loaded && !failed && <Placeholder />}
        {failed && !loaded && <Failed />}
        {loaded && (
          <>
            {starred.length > 0 && (
              <Section id="rooms-starred" title={t('rooms.starred')} rooms={starred} sorted>
                <StarOrder ids={starred.map(({ id }) => id).join()} />
              </Section>
            )}
            <Section id="rooms-mine" title={t('rooms.yours')} rooms={mine}>
              <IconButton label={t('browse.title')} onClick={() => setDialog('browse')}>
                <Compass size={17} aria-hidden />
              </IconButton>
              <IconButton label={t('rooms.create')} onClick={() => setDialog('room')}>
                <Plus size={18} aria-hidden />
              </IconButton>
            </Section>
            {rooms.length === 0 && <Empty onCreate={() => setDialog('room')} />}
            <Section id="rooms-direct" title={t('rooms.direct')} rooms={direct}>
              <IconButton label={t('message.title')} onClick={() => setDialog('message')}>
                <SquarePen size={16} aria-hidden />
              </IconButton>
            </Section>
            {open.length > 0 && (
              <Section id="rooms-open" title={t('rooms.open')} rooms={open.slice(0, mostOpen)} />
            )}
            {open.length > mostOpen && (
              <Button look="quiet" className={styles.more} onClick={() => setDialog('browse')}>
                {t('rooms.browseAll', { count: open.length })}
              </Button>
            )}
            {archived.length > 0 && <Archived rooms={archived} />}
          </>
        )}
      </div>

      <NotificationHint />
      <Account />
      {!alone && <SidebarEdge />}
      {dialog === 'room' && <CreateRoomDialog onClose={close} />}
      {dialog === 'message' && <NewMessageDialog onClose={close} />}
      {dialog === 'browse' && <BrowseDialog onClose={close} />}
    </nav>
  )
}

function Section({
  id,
  title,
  rooms,
  sorted = false,
  children,
}: {
  id: string
  title: string
  rooms: readonly RoomInfo[]
  /** The person puts them in order. */
  sorted?: boolean
  /** Buttons beside the heading. */
  children?: ReactNode
}) {
  return (
    <section aria-labelledby={id} className={styles.section}>
      <div className={styles.heading}>
        <h2 id={id}>{title}</h2>
        {children}
      </div>
      {rooms.length > 0 && <Links rooms={rooms} sorted={sorted} />}
    </section>
  )
}

function Links({ rooms, sorted = false }: { rooms: readonly RoomInfo[]; sorted?: boolean }) {
  const [location] = useLocation()
  const counted = useCounted()
  const mentions = useMentions()
  const drafts = useDrafts()
  const link = (room: RoomInfo) => (
    <RoomLink
      key={room.id}
      room={room}
      counted={counted[room.id] ?? 0}
      mentions={mentions[room.id] ?? 0}
      draft={drafts.has(room.id)}
      current={roomOf(location) === room.id}
    />
  )
  // What is dragged goes from one end to the other.
  if (sorted) return <ul>{rooms.map(link)}</ul>
  return (
    <LongList items={rooms} height="(var(--target) - 0.25rem)">
      {link}
    </LongList>
  )
}

function Archived({ rooms }: { rooms: readonly RoomInfo[] }) {
  return (
    <details className={styles.archived}>
      <summary>{t('rooms.archivedCount', { count: rooms.length })}</summary>
      <Links rooms={rooms} />
    </details>
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
  const user = useSelf()
  const { status, known } = useOwnStatus()
  // Without a connection the others see nobody.
  const shown = useCut() ? 'offline' : known ? statusIn(status) : undefined
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className={styles.account} onClick={() => setOpen(true)}>
        <span className="visually-hidden">{t('account.open')}</span>
        <Face id={user.id} name={user.name} status={shown} />
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
