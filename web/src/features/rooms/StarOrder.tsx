import { useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { t, useLanguage } from '../../text/text'
import { chord } from '../keys'
import { useWorkspace } from '../workspace'
import { roomOf } from './address'
import { Drag } from './dragging'
import { moveBy, moved, moveTo } from './starring'
import { titleFor } from './title'

export { moveBy }

/**
 * StarOrder lets the rooms of the section that it stands in be put in order: by dragging
 * with a mouse or a pen, and by keys. Their menus do the same. It shows
 * nothing, and says where a room has come to.
 */
export function StarOrder({ ids }: { ids: string }) {
  useLanguage()
  const workspace = useWorkspace()
  const words = useRef<HTMLParagraphElement>(null)
  const drag = useRef<Drag>(undefined)
  const last = useStore(moved)

  const press = useEffectEvent((list: HTMLElement, event: PointerEvent) => {
    const row = rowOf(event.target)
    if (!row || event.button !== 0 || event.pointerType === 'touch') return
    const id = idOf(row)
    drag.current?.end()
    drag.current = new Drag(list, row, event, (index) => id && moveTo(workspace, id, index))
  })
  const key = useEffectEvent((event: KeyboardEvent) => {
    const pressed = chord(event)
    const by = pressed === 'Mod Shift ArrowUp' ? -1 : pressed === 'Mod Shift ArrowDown' ? 1 : 0
    const row = rowOf(event.target)
    const id = row && idOf(row)
    if (!id || by === 0) return
    event.preventDefault()
    moveBy(workspace, id, by)
  })

  useLayoutEffect(() => {
    const list = words.current?.closest('section')?.querySelector('ul')
    if (!list) return
    const listening = new AbortController()
    const { signal } = listening
    list.addEventListener('pointerdown', (event) => press(list, event), { signal })
    list.addEventListener('keydown', key, { signal })
    // Links have a way of being dragged of their own.
    list.addEventListener('dragstart', (event) => event.preventDefault(), { signal })
    return () => {
      listening.abort()
      drag.current?.end()
    }
  }, [])

  // Whose order changes meanwhile, here or elsewhere, is not where it was taken hold of.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change that ends a drag.
  useEffect(() => drag.current?.end(), [ids])

  return (
    <p ref={words} role="status" className="visually-hidden">
      {last && t('rooms.moved', { room: titleFor(last.room), place: last.to, count: last.count })}
    </p>
  )
}

/** The row of the list in whose link something happened; not in its menu, which is its own. */
function rowOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element && target.closest('a') ? target.closest('li') : null
}

function idOf(row: HTMLElement): number | undefined {
  return roomOf(row.querySelector('a')?.pathname ?? '')
}
