import { ArrowDown, ArrowUp } from 'lucide-react'
import { type PreferenceMap, preferenceFor } from '../../conversation/preferences'
import type { Workspace } from '../../conversation/workspace'
import type { MenuEntry } from '../../design/Menu'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { explain } from '../failure'
import { warn } from '../notices/toast'
import { modifier } from '../settings/platform'
import { usePreferences, useWorkspace } from '../workspace'
import { listed } from './listed'
import { preferenceItems } from './preferenceItems'

/** UsePreferenceItems is {@link preferenceItems} of a room; of one that the person is not in, nothing. */
export function usePreferenceItems(room: RoomInfo): MenuEntry[] {
  const workspace = useWorkspace()
  const shown = usePreferences()
  const preference = preferenceFor(shown, room.id)
  if (!room.role) return []
  const items = preferenceItems(preference, (change) => {
    workspace.preferences.change(room.id, change).catch((failure) => warn(explain(failure)))
  })
  if (preference.starred) items.splice(1, 0, ...moves(workspace, room, shown))
  return items
}

/** What puts a starred room in another place among the starred, where there is one. */
function moves(workspace: Workspace, { id }: RoomInfo, shown: PreferenceMap): MenuEntry[] {
  const { starred } = listed(workspace.rooms.state.getState().rooms, shown)
  const at = starred.findIndex((room) => room.id === id)
  const move = (by: 1 | -1) => () => {
    import('./StarOrder').then(
      ({ moveBy }) => moveBy(workspace, id, by),
      () => warn(t('error.offline')),
    )
  }
  const items: MenuEntry[] = []
  if (at > 0) items.push({ label: t('room.up'), icon: ArrowUp, keys: modifier('Shift ↑'), act: move(-1) })
  if (at >= 0 && at < starred.length - 1)
    items.push({ label: t('room.down'), icon: ArrowDown, keys: modifier('Shift ↓'), act: move(1) })
  return items
}
