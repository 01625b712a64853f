import { preferenceFor } from '../../conversation/preferences'
import type { MenuEntry } from '../../design/Menu'
import type { RoomInfo } from '../../protocol/types'
import { explain } from '../failure'
import { warn } from '../notices/toasts'
import { usePreferences, useWorkspace } from '../workspace'
import { preferenceItems } from './preferenceItems'

/** UsePreferenceItems is {@link preferenceItems} of a room; of one that the person is not in, nothing. */
export function usePreferenceItems(room: RoomInfo): MenuEntry[] {
  const { preferences } = useWorkspace()
  const preference = preferenceFor(usePreferences(), room.id)
  if (!room.role) return []
  return preferenceItems(preference, (change) => {
    preferences.change(room.id, change).catch((failure) => warn(explain(failure)))
  })
}
