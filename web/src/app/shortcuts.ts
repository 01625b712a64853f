import { useEffect, useEffectEvent } from 'react'
import { useLocation } from 'wouter'
import { roomOf } from '../features/rooms/address'
import { listed } from '../features/rooms/listed'
import { useRooms } from '../features/workspace'

interface Actions {
  openSwitcher(): void
}

/** UseShortcuts listens for the keys that work everywhere on the page. */
export function useShortcuts({ openSwitcher }: Actions): void {
  const [location, navigate] = useLocation()
  const { mine, direct } = listed(useRooms())
  const walked = [...mine, ...direct]

  const step = (by: 1 | -1) => {
    const at = walked.findIndex((room) => room.id === roomOf(location))
    const count = walked.length
    const next = at < 0 ? walked[by === 1 ? 0 : count - 1] : walked[(at + by + count) % count]
    if (next) navigate(`/r/${next.id}`)
  }

  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (
      event.isComposing ||
      event.keyCode === 229 ||
      document.querySelector('dialog[open], [popover]:popover-open')
    )
      return
    const { key, altKey, ctrlKey, metaKey, shiftKey } = event
    if (key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey && !shiftKey) {
      event.preventDefault()
      openSwitcher()
    } else if (altKey && !ctrlKey && !metaKey && !shiftKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
      event.preventDefault()
      step(key === 'ArrowDown' ? 1 : -1)
    } else if (startsWriting(event)) {
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
