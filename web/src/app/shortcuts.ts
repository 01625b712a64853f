import { useLocation } from 'wouter'
import { chord, isField, useKeys } from '../features/keys'
import { addressOf, roomOf } from '../features/rooms/address'
import { listed } from '../features/rooms/listed'
import { singleKeys } from '../features/settings/singleKeys'
import { useWorkspace } from '../features/workspace'

/** What can be opened by a key from everywhere. */
export type Opened = 'switcher' | 'keys' | 'readAll'

/** UseShortcuts listens for the keys that work everywhere on the page. */
export function useShortcuts(open: (what: Opened) => void): void {
  const [location, navigate] = useLocation()
  const { rooms, preferences, counts } = useWorkspace()

  const step = (by: 1 | -1, unreadOnly: boolean) => {
    const { starred, mine, direct } = listed(rooms.still.getState(), preferences.state.getState())
    const { counted } = counts.getState()
    const ids = [...starred, ...mine, ...direct].map(({ id }) => id)
    const at = ids.indexOf(roomOf(location) ?? 0)
    const ahead = by === 1 ? [...ids.slice(at + 1), ...ids.slice(0, at + 1)] : behind(ids, at)
    const next = ahead.find((id) => !unreadOnly || counted[id])
    if (next !== undefined) navigate(addressOf(next))
  }

  useKeys((event) => {
    switch (chord(event)) {
      case 'Mod k':
        open('switcher')
        return true
      case 'Mod /':
      case 'Mod Shift /':
        open('keys')
        return true
      case 'Shift Escape':
        if (Object.keys(counts.getState().unread).length > 0) open('readAll')
        return true
      case 'Alt ArrowUp':
      case 'Alt ArrowDown':
      case 'Alt Shift ArrowUp':
      case 'Alt Shift ArrowDown':
        step(event.key === 'ArrowDown' ? 1 : -1, event.shiftKey)
        return true
      case 'F6':
      case 'Shift F6':
      case 'Mod F6':
      case 'Mod Shift F6':
        void import('./regions').then(({ toRegion }) => toRegion(event.shiftKey ? -1 : 1))
        return true
      case 'Mod Shift l':
        focusComposer()
        return true
    }
    if (!isLetter(event) || !singleKeys.getState()) return false
    if (event.key === '?' && !isField(event.target)) {
      open('keys')
      return true
    }
    // What is typed while nothing has the focus begins a message: the composer gets the letter.
    if (document.activeElement === document.body) focusComposer()
    return false
  })
}

function focusComposer(): void {
  document.querySelector<HTMLTextAreaElement>('#composer')?.focus()
}

function isLetter({ key, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return [...key].length === 1 && key !== ' ' && !altKey && !ctrlKey && !metaKey
}

/** What is before a place, the nearest first, and then the rest from the end. */
function behind(ids: readonly number[], at: number): number[] {
  const from = Math.max(at, 0)
  return [...ids.slice(0, from).reverse(), ...ids.slice(from).reverse()]
}
