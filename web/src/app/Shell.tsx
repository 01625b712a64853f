import { useEffect, useState } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { useStore } from 'zustand'
import { useMedia } from '../design/media'
import { useBadge, useTitle } from '../design/title'
import { ConnectionStatus } from '../features/connection/ConnectionStatus'
import { RoomPage } from '../features/conversation/RoomPage'
import { preloadRare, quiet, settled } from '../features/rare'
import { roomOf } from '../features/rooms/address'
import { KeyboardDialog, MarkAllRead, Switcher } from '../features/rooms/dialogs'
import { lastRoom } from '../features/rooms/last'
import { NoRoom } from '../features/rooms/NoRoom'
import { Sidebar } from '../features/rooms/Sidebar'
import { titleFor } from '../features/rooms/title'
import { useStillRooms, useTold, useWorkspace } from '../features/workspace'
import { formatNumber, t } from '../text/text'
import styles from './Shell.module.css'
import { type Opened, useShortcuts } from './shortcuts'

const Notifications = quiet('Notifications', () => import('../features/notifications/Notifications'))
const Toasts = quiet('Toasts', () => import('../features/notices/Toasts'))

/** Shell is the frame around everything: rooms at the side, one room in the middle; on phones one of the two. Fresh: the server was just set up. */
export function Shell({ fresh }: { fresh: boolean }) {
  const [location] = useLocation()
  const [opened, setOpened] = useState<Opened>()
  const narrow = useMedia('(max-width: 639px)')
  const inRoom = location.startsWith('/r/')
  const loaded = useStore(useWorkspace().rooms.state, (state) => state.loaded)
  useEffect(preloadRare, [])
  useEffect(() => {
    if (loaded && !inRoom) settled()
  }, [loaded, inRoom])
  useShortcuts(setOpened)
  const toSwitcher = () => setOpened('switcher')
  const close = () => setOpened(undefined)

  return (
    <div className={styles.shell}>
      <UnreadTitle />
      {inRoom && (
        <button type="button" className={styles.skip} onClick={skipToMessages}>
          {t('app.skip')}
        </button>
      )}
      {!narrow && <Sidebar onSwitch={toSwitcher} />}
      {narrow && !inRoom && (
        <main className={styles.only}>
          <Sidebar alone onSwitch={toSwitcher} />
        </main>
      )}
      {(!narrow || inRoom) && (
        <Switch>
          <Route path="/r/:id">{({ id }) => <RoomPage key={id} roomId={Number(id)} narrow={narrow} />}</Route>
          <Route path="/r/:id/m/:seq">
            {({ id, seq }) => <RoomPage key={id} roomId={Number(id)} place={Number(seq)} narrow={narrow} />}
          </Route>
          <Route path="/">
            <Start fresh={fresh} />
          </Route>
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
      )}
      <ConnectionStatus />
      <Toasts />
      <Notifications />
      {opened === 'switcher' && <Switcher onClose={close} />}
      {opened === 'keys' && <KeyboardDialog onClose={close} />}
      {opened === 'readAll' && <MarkAllRead onClose={close} />}
    </div>
  )
}

/** Where nothing is chosen: the room of the last visit, if it is still there; of a fresh server the first one. */
function Start({ fresh }: { fresh: boolean }) {
  const { user } = useWorkspace()
  const rooms = useStillRooms()
  const last = lastRoom.get(user.id) ?? (fresh ? rooms[0]?.id : undefined)
  if (last !== undefined && rooms.some((room) => room.id === last))
    return <Redirect to={`/r/${last}`} replace />
  return <NoRoom />
}

/** The number of messages that the person wants to be told of stands in the tab's title. */
function UnreadTitle() {
  const total = useTold()
  const rooms = useStillRooms()
  const [location] = useLocation()
  const room = rooms.find(({ id }) => id === roomOf(location))
  const title = room ? `${titleFor(room)} · ${t('app.name')}` : t('app.name')
  useTitle(total > 0 ? `(${formatNumber(total)}) ${title}` : title)
  useBadge(total)
  return null
}

function skipToMessages(): void {
  document.querySelector<HTMLElement>('#timeline [tabindex="0"]')?.focus()
}
