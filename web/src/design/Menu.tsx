import { Check, type LucideIcon } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react'
import { IconButton } from './Button'
import { Dialog } from './Dialog'
import styles from './Menu.module.css'
import { useMedia } from './media'

export interface MenuItem {
  label: string
  icon: LucideIcon
  /** The key that does the same, as people read it. */
  keys?: string
  danger?: boolean
  /** Of one among several that exclude each other: whether it is the one. */
  chosen?: boolean
  act(): void
}

/** MenuGroup is items that belong together, below what they have in common. */
export interface MenuGroup {
  group: string
  items: readonly MenuItem[]
}

export type MenuEntry = MenuItem | MenuGroup

interface Props {
  label: string
  items: readonly MenuEntry[]
  /** What the menu hangs on, and gives the focus back to. */
  anchor: HTMLElement
  /** Dismissed says that it was closed by a press somewhere else, and not by what was done in it. */
  onClose: (dismissed?: boolean) => void
}

/** Menu is a list of things to do: beside what it belongs to, and at the foot of a phone. */
export function Menu(props: Props) {
  const narrow = useMedia('(max-width: 639px)')
  return narrow ? <Sheet {...props} /> : <Popup {...props} />
}

/** Pixels between a menu and the edges of the window. */
const margin = 8

function Popup({ label, items, anchor, onClose }: Props) {
  const element = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    const menu = element.current
    if (!menu) return
    menu.showPopover()
    place(menu, anchor.getBoundingClientRect())
    menu.querySelector('button')?.focus()
  }, [anchor])

  const leave = () => {
    onClose()
    if (anchor.isConnected) anchor.focus()
  }
  const choose = (item: MenuItem) => {
    leave()
    item.act()
  }

  return (
    <div
      ref={element}
      popover="auto"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      className={styles.menu}
      onToggle={(event) => event.newState === 'closed' && onClose(true)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Escape' || event.key === 'Tab') {
          event.preventDefault()
          leave()
        } else walk(event)
      }}
    >
      <Entries items={items} inMenu onChoose={choose} />
    </div>
  )
}

function Sheet({ label, items, onClose }: Props) {
  return (
    <Dialog title={label} place="foot" onClose={() => onClose()}>
      <div className={styles.sheet}>
        <Entries
          items={items}
          onChoose={(item) => {
            onClose()
            // Nothing outside can have the focus while the sheet is open.
            requestAnimationFrame(() => item.act())
          }}
        />
      </div>
    </Dialog>
  )
}

interface EntriesProps {
  items: readonly MenuEntry[]
  inMenu?: boolean
  onChoose: (item: MenuItem) => void
}

function Entries({ items, inMenu = false, onChoose }: EntriesProps) {
  return items.map((entry) =>
    'group' in entry ? (
      <Group key={entry.group} label={entry.group}>
        <Entries items={entry.items} inMenu={inMenu} onChoose={onChoose} />
      </Group>
    ) : (
      <Item key={entry.label} item={entry} inMenu={inMenu} onChoose={onChoose} />
    ),
  )
}

function Group({ label, children }: { label: string; children: ReactNode }) {
  const id = useId()
  return (
    <div role="group" aria-labelledby={id} className={styles.group}>
      <div id={id} className={styles.heading} aria-hidden>
        {label}
      </div>
      {children}
    </div>
  )
}

function Item({
  item,
  inMenu,
  onChoose,
}: {
  item: MenuItem
  inMenu: boolean
  onChoose: (item: MenuItem) => void
}) {
  const Icon = item.icon
  return (
    <button
      type="button"
      {...roleOf(item, inMenu)}
      tabIndex={inMenu ? -1 : undefined}
      className={item.danger ? `${styles.item} ${styles.danger}` : styles.item}
      onClick={() => onChoose(item)}
    >
      <Icon size={17} aria-hidden />
      {item.label}
      {item.chosen && <Check size={16} aria-hidden className={styles.chosen} />}
      {item.keys && <kbd aria-hidden>{item.keys}</kbd>}
    </button>
  )
}

function roleOf({ chosen }: MenuItem, inMenu: boolean) {
  if (!inMenu) return { 'aria-pressed': chosen }
  return chosen === undefined ? { role: 'menuitem' } : { role: 'menuitemradio', 'aria-checked': chosen }
}

/** Puts the menu below what it hangs on, its ends in line with it, or above where there is more room. */
function place(menu: HTMLElement, at: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect()
  const rightToLeft = getComputedStyle(menu).direction === 'rtl'
  const start = rightToLeft ? at.left : at.right - width
  const below = at.bottom + 4
  const top = below + height + margin > innerHeight ? Math.max(margin, at.top - height - 4) : below
  menu.style.left = `${Math.min(Math.max(margin, start), innerWidth - width - margin)}px`
  menu.style.top = `${top}px`
}

/** Arrow keys, Home, End and first letters go from item to item. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll('button')]
  const at = items.indexOf(document.activeElement as HTMLButtonElement)
  const next = target(event.key, items, at)
  if (!next) return
  event.preventDefault()
  next.focus()
}

function target(key: string, items: HTMLButtonElement[], at: number): HTMLButtonElement | undefined {
  switch (key) {
    case 'ArrowDown':
      return items[(at + 1) % items.length]
    case 'ArrowUp':
      return items[(at + items.length - 1) % items.length]
    case 'Home':
      return items[0]
    case 'End':
      return items.at(-1)
  }
  if ([...key].length !== 1) return undefined
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)]
  return after.find((item) => item.textContent?.toLowerCase().startsWith(key.toLowerCase()))
}

/** MenuButton is an icon that opens a menu. */
export function MenuButton({
  label,
  items,
  children,
}: {
  label: string
  items: readonly MenuEntry[]
  children: ReactNode
}) {
  const [anchor, setAnchor] = useState<HTMLElement>()
  const button = useRef<HTMLButtonElement>(null)
  // A press on the button closes an open menu before its click comes.
  const closedAt = useRef(Number.NEGATIVE_INFINITY)
  const close = (dismissed?: boolean) => {
    if (dismissed) closedAt.current = performance.now()
    setAnchor(undefined)
  }
  return (
    <>
      <IconButton
        label={label}
        buttonRef={button}
        aria-haspopup="menu"
        aria-expanded={anchor !== undefined}
        onClick={() => {
          if (anchor || performance.now() - closedAt.current < 250) setAnchor(undefined)
          else setAnchor(button.current ?? undefined)
        }}
      >
        {children}
      </IconButton>
      {anchor && <Menu label={label} items={items} anchor={anchor} onClose={close} />}
    </>
  )
}
