import { Check, CheckCheck, Ellipsis, Pencil, VolumeOff } from 'lucide-react'
import { memo, useRef, useState } from 'react'
import { Link } from 'wouter'
import { preferenceFor } from '../../conversation/preferences'
import { Menu } from '../../design/Menu'
import type { RoomInfo } from '../../protocol/types'
import { formatNumber, t, useLanguage } from '../../text/text'
import { Face } from '../presence/Face'
import { usePeerStatus } from '../presence/usePeerStatus'
import { usePreferences, useUnread, useWorkspace } from '../workspace'
import { MarkAllRead } from './dialogs'
import { RoomIcon } from './RoomIcon'
import styles from './RoomLink.module.css'
import { titleFor } from './title'
import { usePreferenceItems } from './usePreferenceItems'

interface Props {
  room: RoomInfo
  /** What of its messages counts: of a muted room those that name the person. */
  counted: number
  mentions: number
  /** The person has begun to write there. */
  draft: boolean
  current: boolean
}

/**
 * RoomLink is one room of the list: bold and with a count while something in it
 * waits, dimmed when it is muted. What is said in one room is no work for the
 * links of all others.
 */
export const RoomLink = memo(function RoomLink({ room, counted, mentions, draft, current }: Props) {
  useLanguage()
  const { muted } = preferenceFor(usePreferences(), room.id)
  const looks = [styles.link, counted > 0 && styles.unread, muted && styles.muted]
  return (
    <Row room={room}>
      <Link
        href={`/r/${room.id}`}
        className={looks.filter(Boolean).join(' ')}
        aria-current={current ? 'page' : undefined}
      >
        {room.peer ? (
          <Peer room={room} peer={room.peer} />
        ) : (
          <RoomIcon kind={room.kind} size={16} className={styles.icon} />
        )}
        <bdi className={styles.name}>{titleFor(room)}</bdi>
        {draft && !current && <Sign icon={Pencil} label={t('rooms.draft')} />}
        {muted && <Sign icon={VolumeOff} label={t('rooms.muted')} />}
        {counted > 0 && <Count room={room} counted={counted} mentions={mentions} muted={muted} />}
      </Link>
    </Row>
  )
})

/**
 * A room's place in the list, with a menu: by its button, a right click, a long
 * press, or Shift+F10. It says what it is, for in a LongList it stands in no ul.
 */
function Row({ room, children }: { room: RoomInfo; children: React.ReactNode }) {
  const [anchor, setAnchor] = useState<HTMLElement>()
  const [asking, setAsking] = useState(false)
  const row = useRef<HTMLLIElement>(null)
  // biome-ignore lint/a11y/noRedundantRoles: outside of a ul it has none by itself.
  if (!room.role) return <li role="listitem">{children}</li>
  const label = t('rooms.menu', { room: titleFor(room) })
  const open = () => setAnchor(row.current?.querySelector('a') ?? undefined)
  return (
    <li
      // biome-ignore lint/a11y/noRedundantRoles: outside of a ul it has none by itself.
      role="listitem"
      ref={row}
      className={styles.row}
      onContextMenu={(event) => {
        event.preventDefault()
        open()
      }}
    >
      {children}
      <button
        type="button"
        className={styles.more}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        onClick={open}
      >
        <Ellipsis size={16} aria-hidden />
      </button>
      {anchor && (
        <RoomMenu
          room={room}
          label={label}
          anchor={anchor}
          onReadAll={() => setAsking(true)}
          onClose={() => setAnchor(undefined)}
        />
      )}
      {asking && <MarkAllRead onClose={() => setAsking(false)} />}
    </li>
  )
}

/** RoomMenu is what can be done with a room of the list. What it depends on is looked at while it is open. */
function RoomMenu({
  room,
  label,
  anchor,
  onReadAll,
  onClose,
}: {
  room: RoomInfo
  label: string
  anchor: HTMLElement
  onReadAll: () => void
  onClose: () => void
}) {
  const { reads, rooms } = useWorkspace()
  const unread = useUnread()
  const items = [...usePreferenceItems(room)]
  if (Object.keys(unread).length > 0)
    items.unshift({ label: t('rooms.readAll'), icon: CheckCheck, keys: 'Shift Esc', act: onReadAll })
  if (unread[room.id])
    items.unshift({
      label: t('rooms.read'),
      icon: Check,
      act: () => reads.mark(room.id, (rooms.get(room.id) ?? room).head),
    })
  return <Menu label={label} items={items} anchor={anchor} onClose={onClose} />
}

function Sign({ icon: Icon, label }: { icon: typeof Pencil; label: string }) {
  return (
    <>
      <Icon size={14} aria-hidden className={styles.sign} />
      <span className="visually-hidden">{label}</span>
    </>
  )
}

function Count({
  room,
  counted,
  mentions,
  muted,
}: {
  room: RoomInfo
  counted: number
  mentions: number
  muted: boolean
}) {
  // Who is named, or written to alone, is called; the rest is only new.
  const calls = mentions > 0 || room.kind === 'direct' || room.kind === 'group'
  return (
    <>
      {mentions > 0 && (
        <span className={styles.at} aria-hidden>
          @
        </span>
      )}
      <span className={calls ? `${styles.count} ${styles.calls}` : styles.count} aria-hidden>
        {counted > 99 ? `${formatNumber(99)}+` : formatNumber(counted)}
      </span>
      <span className="visually-hidden">{inWords(counted, mentions, muted)}</span>
    </>
  )
}

function inWords(counted: number, mentions: number, muted: boolean): string {
  const named = t('rooms.mentions', { count: mentions })
  if (muted) return named
  const unread = t('rooms.unread', { count: counted })
  return mentions > 0 ? t('rooms.unreadMentions', { unread, mentions: named }) : unread
}

function Peer({ room, peer }: { room: RoomInfo; peer: NonNullable<RoomInfo['peer']> }) {
  const status = usePeerStatus(room.id, peer.id)
  return <Face id={peer.id} name={peer.name} status={status} size="tiny" />
}
