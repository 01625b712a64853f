import { AtSign, Bell, BellOff, Star, StarOff, Volume2, VolumeOff } from 'lucide-react'
import type { NotifyLevel, Preference } from '../../conversation/preferences'
import type { MenuEntry } from '../../design/Menu'
import type { ChangeSettingsBody } from '../../protocol/types'
import { t } from '../../text/text'

const levels = [
  { level: 'all', icon: Bell },
  { level: 'mentions', icon: AtSign },
  { level: 'none', icon: BellOff },
] as const

/** PreferenceItems is what a menu offers about how a room is shown to the person. */
export function preferenceItems(
  { starred, muted, notify }: Preference,
  change: (change: ChangeSettingsBody) => void,
): MenuEntry[] {
  return [
    {
      label: t(starred ? 'room.unstar' : 'room.star'),
      icon: starred ? StarOff : Star,
      act: () => change({ starred: !starred }),
    },
    {
      label: t(muted ? 'room.unmute' : 'room.mute'),
      icon: muted ? Volume2 : VolumeOff,
      act: () => change({ muted: !muted }),
    },
    {
      group: t('room.notify'),
      items: levels.map(({ level, icon }) => ({
        label: t(`room.notify.${level satisfies NotifyLevel}`),
        icon,
        chosen: notify === level,
        act: () => change({ notify: level }),
      })),
    },
  ]
}
