import { useEffect, useEffectEvent } from 'react'

/** Whether an input method is composing; 229 is what some browsers report for the Enter that ends it. */
export function isComposing({
  isComposing,
  keyCode,
}: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return isComposing || keyCode === 229
}

/** Chord writes a key press as what was held and the key: `Mod` is Ctrl or ⌘, then Alt, then Shift. */
export function chord({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  const held = [(ctrlKey || metaKey) && 'Mod', altKey && 'Alt', shiftKey && 'Shift']
  return [...held.filter(Boolean), key.length === 1 ? key.toLowerCase() : key].join(' ')
}

export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

/**
 * UseKeys takes the keys that nothing nearer has taken: none while a dialog or
 * a menu is open, none of an input method, and no letter that is being written.
 * Pressed says whether the key meant something.
 */
export function useKeys(pressed: (event: KeyboardEvent) => boolean): void {
  const take = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || isComposing(event) || isWritten(event)) return
    if (document.querySelector(open)) return
    if (pressed(event)) event.preventDefault()
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent) => take(event)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [])
}

const open = 'dialog[open], [popover="auto"]:popover-open'

/** Whether the key puts a letter into a field. To look for what is open would take longer than to show it. */
function isWritten({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  return [...key].length === 1 && !ctrlKey && !metaKey && !altKey && isField(target)
}

/** Whether the person writes there. */
export function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select')
}
