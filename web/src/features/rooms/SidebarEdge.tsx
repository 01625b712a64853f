import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useRef, useState } from 'react'
import { t, useLanguage } from '../../text/text'
import styles from './SidebarEdge.module.css'
import { bounded, keepWidth, narrowest, showWidth, widest } from './width'

/** Pixels that an arrow key moves the edge by. */
const step = 16

/**
 * SidebarEdge makes the sidebar wider or narrower: by dragging, or by arrow
 * keys, Home and End. A double click, or Enter, makes it as wide as it was.
 */
export function SidebarEdge() {
  useLanguage()
  const edge = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(narrowest)
  const dragged = useRef(false)
  const from = useRef(0)

  const measure = () => setWidth(shownBy(edge.current))
  useLayoutEffect(measure, [])
  const keep = (asked: number | undefined) => {
    keepWidth(asked)
    measure()
  }

  const keyed = (event: KeyboardEvent) => {
    const asked = widthBy(event.key, width, rightToLeft(edge.current))
    if (asked === width) return
    event.preventDefault()
    keep(asked)
  }
  const pressed = ({ currentTarget, pointerId, button, clientX }: PointerEvent<HTMLDivElement>) => {
    dragged.current = false
    from.current = clientX
    if (button === 0) currentTarget.setPointerCapture(pointerId)
  }
  const moved = ({ currentTarget, pointerId, clientX }: PointerEvent<HTMLDivElement>) => {
    if (!currentTarget.hasPointerCapture(pointerId)) return
    dragged.current = true
    showWidth(rightToLeft(currentTarget) ? document.documentElement.clientWidth - clientX : clientX)
    measure()
  }
  const released = () => {
    // A busy page may not have rendered the last of the way yet.
    if (dragged.current) keep(shownBy(edge.current))
  }

  return (
    <div
      ref={edge}
      role="separator"
      aria-orientation="vertical"
      aria-label={t('rooms.width')}
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      aria-valuenow={bounded(width)}
      tabIndex={0}
      className={styles.edge}
      onKeyDown={keyed}
      onDoubleClick={() => keep(undefined)}
      onPointerDown={pressed}
      onPointerMove={moved}
      // A busy page may be told of the end of the way by this alone.
      onPointerUp={(event) => event.clientX !== from.current && moved(event)}
      onLostPointerCapture={released}
    />
  )
}

/** WidthBy is how wide a key makes what is as wide as that; undefined is as wide as it is of itself. */
function widthBy(key: string, width: number, mirrored: boolean): number | undefined {
  switch (key) {
    case 'ArrowLeft':
      return bounded(width + (mirrored ? step : -step))
    case 'ArrowRight':
      return bounded(width + (mirrored ? -step : step))
    case 'Home':
      return narrowest
    case 'End':
      return widest
    case 'Enter':
      return undefined
    default:
      return width
  }
}

/** ShownBy is how wide the sidebar of an edge is in the page. */
function shownBy(edge: HTMLElement | null): number {
  return edge?.parentElement?.offsetWidth ?? narrowest
}

function rightToLeft(element: Element | null): boolean {
  return element !== null && getComputedStyle(element).direction === 'rtl'
}
