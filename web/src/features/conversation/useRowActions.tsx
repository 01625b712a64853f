import { Copy, Link, MailOpen, Pencil, Trash2 } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useMemo, useRef, useState } from 'react'
import type { Conversation } from '../../conversation/conversation'
import { may } from '../../conversation/rights'
import type { Item, MessageItem } from '../../conversation/timeline'
import { Confirm } from '../../design/Confirm'
import { Menu, type MenuItem } from '../../design/Menu'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { copy } from '../copy'
import { explain } from '../failure'
import { addressOf } from '../rooms/address'
import { singleKeys } from '../settings/singleKeys'
import { useWorkspace } from '../workspace'
import type { RowActions } from './MessageRow'
import styles from './Timeline.module.css'

/** Milliseconds that a finger rests on a row before its menu opens, and pixels that it may stray meanwhile. */
const pressFor = 450
const strayBy = 10

interface Open {
  key: string
  anchor: HTMLElement
}

export interface RowTools {
  actions: RowActions
  editing: string | undefined
  /** The row whose menu is open. */
  menuOf: string | undefined
  editable(item: MessageItem): boolean
  erasable(item: MessageItem): boolean
  /** Edits a message, on whose end the composer gets the focus back. */
  editFromComposer(key: string): void
  /** Takes a key that was pressed on the row of a message; says whether it meant something. */
  pressed(event: KeyboardEvent, item: MessageItem): boolean
  /** For the box around the rows: a long press of a finger opens the menu. */
  touch: {
    onPointerDown(event: PointerEvent): void
    onPointerMove(event: PointerEvent): void
    onPointerUp(): void
    onPointerCancel(): void
    onContextMenu(event: { preventDefault(): void }): void
  }
  /** Menus and questions that are open. */
  overlays: ReactNode
}

/** UseRowActions is what can be done with the messages in sight: by pointer, by key, by finger. */
export function useRowActions(
  room: RoomInfo,
  conversation: Conversation,
  find: (key: string) => Item | undefined,
  markUnread: (seq: number) => Promise<void>,
): RowTools {
  const { user } = useWorkspace()
  const [editing, setEditing] = useState<{ key: string; back: 'row' | 'composer' }>()
  const [menu, setMenu] = useState<Open>()
  const [erasing, setErasing] = useState<string>()
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | undefined>(undefined)

  const current = useRef({ find, editing })
  current.current = { find, editing }

  const message = (key: string | undefined): MessageItem | undefined => {
    const item = key === undefined ? undefined : current.current.find(key)
    return item?.type === 'message' ? item : undefined
  }
  const inRoom = (item: MessageItem) => item.phase === 'sent' && item.seq !== undefined && !item.deleted
  const writable = room.role !== undefined && !room.archived
  const editable = (item: MessageItem) => inRoom(item) && item.userId === user.id && writable
  const erasable = (item: MessageItem) =>
    inRoom(item) && room.role !== undefined && (item.userId === user.id || may(room, 'moderate'))

  const actions = useMemo<RowActions>(() => {
    const seqOf = (key: string) => {
      const item = current.current.find(key)
      return item?.type === 'message' ? item.seq : undefined
    }
    const stop = (key: string) => {
      const back = current.current.editing?.back
      setEditing(undefined)
      requestAnimationFrame(() => (back === 'composer' ? focusComposer() : focusRow(key)))
    }
    return {
      retry: (cid) => conversation.outbox.retry(cid),
      delete: (cid) => conversation.outbox.drop(cid),
      retryChange: (seq) => conversation.amendments.retry(seq),
      discardChange: (seq) => conversation.amendments.discard(seq),
      edit: (key) => setEditing({ key, back: 'row' }),
      save: (key, text) => {
        const seq = seqOf(key)
        if (seq !== undefined) conversation.amendments.edit(seq, text)
        stop(key)
      },
      stopEditing: stop,
      erase: setErasing,
      openMenu: (key, anchor) => setMenu({ key, anchor }),
    }
  }, [conversation])

  const copyText = (item: MessageItem) => void copy(item.text, t('copy.text'))
  const copyLink = (item: MessageItem) =>
    void copy(location.origin + addressOf(room.id, item.seq), t('copy.link'))

  const items = (key: string, item: MessageItem): MenuItem[] => {
    const list: MenuItem[] = []
    const letter = (keys: string) => singleKeys.getState() && { keys }
    if (editable(item))
      list.push({ label: t('message.edit'), icon: Pencil, ...letter('E'), act: () => actions.edit(key) })
    if (!item.deleted) list.push({ label: t('message.copyText'), icon: Copy, act: () => copyText(item) })
    if (room.role !== undefined)
      list.push({
        label: t('message.markUnread'),
        icon: MailOpen,
        ...letter('U'),
        act: () => void markUnread(item.seq ?? 0),
      })
    list.push({ label: t('message.copyLink'), icon: Link, ...letter('C'), act: () => copyLink(item) })
    if (erasable(item))
      list.push({
        label: t('message.delete'),
        icon: Trash2,
        keys: 'Del',
        danger: true,
        act: () => setErasing(key),
      })
    return list
  }

  const pressed = (event: KeyboardEvent, item: MessageItem): boolean => {
    if (event.altKey || event.ctrlKey || event.metaKey || item.phase !== 'sent') return false
    if (event.key.length === 1 && !singleKeys.getState()) return false
    switch (event.key) {
      case 'e':
        if (editable(item)) setEditing({ key: item.key, back: 'row' })
        return editable(item)
      case 'Delete':
        if (erasable(item)) setErasing(item.key)
        return erasable(item)
      case 'c':
        copyLink(item)
        return true
      case 'u':
        if (room.role !== undefined) void markUnread(item.seq ?? 0)
        return true
      case 'ContextMenu':
      case 'F10':
        if (event.key === 'F10' && !event.shiftKey) return false
        setMenu({ key: item.key, anchor: event.target as HTMLElement })
        return true
    }
    return false
  }

  const endPress = () => {
    clearTimeout(press.current?.timer)
    press.current = undefined
  }
  const touch: RowTools['touch'] = {
    onPointerDown(event) {
      endPress()
      const target = event.target as Element
      const anchor = target.closest<HTMLElement>('[role="article"]')
      const key = anchor?.dataset.row
      if (event.pointerType !== 'touch' || !anchor || key === undefined) return
      if (target.closest('a, button, textarea') || message(key)?.phase !== 'sent') return
      const timer = setTimeout(() => setMenu({ key, anchor }), pressFor)
      press.current = { timer, x: event.clientX, y: event.clientY }
    },
    onPointerMove({ clientX, clientY }) {
      if (press.current && Math.hypot(clientX - press.current.x, clientY - press.current.y) > strayBy)
        endPress()
    },
    onPointerUp: endPress,
    onPointerCancel: endPress,
    onContextMenu(event) {
      // The browser's own menu would open over this one.
      if (press.current) event.preventDefault()
    },
  }

  const inMenu = message(menu?.key)
  const toErase = message(erasing)
  const closeQuestion = () => {
    setErasing(undefined)
    if (erasing !== undefined) requestAnimationFrame(() => focusRow(erasing))
  }
  const overlays = (
    <>
      {menu && inMenu && (
        <Menu
          label={t('message.actions')}
          items={items(menu.key, inMenu)}
          anchor={menu.anchor}
          onClose={() => setMenu(undefined)}
        />
      )}
      {toErase && erasing !== undefined && (
        <Confirm
          title={t('message.deleteTitle')}
          action={t('message.delete')}
          danger
          act={() => conversation.amendments.delete(toErase.seq ?? 0)}
          explain={explain}
          onClose={closeQuestion}
        >
          <p>{t('message.deleteText')}</p>
          <blockquote className={styles.quote} dir="auto">
            {toErase.text}
          </blockquote>
        </Confirm>
      )}
    </>
  )

  return {
    actions,
    editing: editing?.key,
    menuOf: menu?.key,
    editable,
    erasable,
    editFromComposer: (key) => setEditing({ key, back: 'composer' }),
    pressed,
    touch,
    overlays,
  }
}

/** FocusRow gives the focus to a row, when it is in the page. */
export function focusRow(key: string): void {
  document.querySelector<HTMLElement>(`#timeline [data-row="${CSS.escape(key)}"]`)?.focus()
}

/** FocusComposer gives the focus to where a message is written. */
export function focusComposer(): void {
  document.querySelector<HTMLElement>('#composer')?.focus()
}
