import { useEffect, useEffectEvent } from 'react'
import { useLocation } from 'wouter'
import { addressOf, roomOf } from '../features/rooms/address'
import { listed } from '../features/rooms/listed'
import { useCounted, usePreferences, useRooms } from '../features/workspace'

interface Actions {
  openSwitcher(): void
}

/** UseShortcuts listens for the keys that work everywhere on the page. */
export function useShortcuts({ openSwitcher }: Actions): void {
  const [location, navigate] = useLocation()
  const { starred, mine, direct } = listed(useRooms(), usePreferences())
  const walked = [...starred, ...mine, ...direct]
  const unread = useCounted()

  const step = (by: 1 | -1, unreadOnly: boolean) => {
    const ids = walked.map(({ id }) => id)
    const at = ids.indexOf(roomOf(location) ?? 0)
    const ahead = by === 1 ? [...ids.slice(at + 1), ...ids.slice(0, at + 1)] : behind(ids, at)
    const next = ahead.find((id) => !unreadOnly || unread[id])
    if (next !== undefined) navigate(addressOf(next))
  }

  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (
      event.isComposing ||
      event.keyCode === 229 ||
      document.querySelector('dialog[open], [popover="auto"]:popover-open')
    )
      return
    const { key, altKey, ctrlKey, metaKey, shiftKey } = event
    if (key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey && !shiftKey) {
      event.preventDefault()
      openSwitcher()
    } else if (altKey && !ctrlKey && !metaKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
      event.preventDefault()
      step(key === 'ArrowDown' ? 1 : -1, shiftKey)
    } else if (key === 'F6' && !altKey && !metaKey) {
      event.preventDefault()
      void import('./regions').then(({ toRegion }) => toRegion(shiftKey ? -1 : 1))
    } else if (startsWriting(event) || (key.toLowerCase() === 'l' && ctrlKey && shiftKey && !altKey)) {
      if (ctrlKey) event.preventDefault()
      document.querySelector<HTMLTextAreaElement>('#composer')?.focus()
    }
  })

  useEffect(() => {
    const listener = (event: KeyboardEvent) => pressed(event)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [])
}

/** A letter typed while nothing has the focus begins a message. */
function startsWriting({ key, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return (
    document.activeElement === document.body &&
    [...key].length === 1 &&
    key !== ' ' &&
    !altKey &&
    !ctrlKey &&
    !metaKey
  )
}

/** What is before a place, the nearest first, and then the rest from the end. */
function behind(ids: readonly number[], at: number): number[] {
  const from = Math.max(at, 0)
  return [...ids.slice(0, from).reverse(), ...ids.slice(from).reverse()]
}
