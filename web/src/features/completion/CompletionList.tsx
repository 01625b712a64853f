import { type RefObject, useEffect, useId, useLayoutEffect, useMemo, useRef } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { Avatar } from '../../design/Avatar'
import { type TextId, t } from '../../text/text'
import { put } from '../conversation/marking'
import { roomOf } from '../rooms/address'
import { RoomIcon } from '../rooms/RoomIcon'
import { useWorkspace } from '../workspace'
import styles from './CompletionList.module.css'
import { caretX } from './caret'
import { Completion, type Completing as View, type Writing } from './completing'
import { type EmojiOption, EmojiSource } from './emoji'
import { PeopleSource, type PersonOption } from './people'
import { type RoomOption, RoomSource } from './rooms'
import type { Sign } from './word'

type Offered = PersonOption | RoomOption | EmojiOption

const titles: Readonly<Record<Sign, TextId>> = {
  '@': 'completion.people',
  '#': 'rooms.title',
  ':': 'completion.emoji',
}

/**
 * CompletionList hangs on a text area of the room in sight. While it offers
 * something the text area is a combobox: HTML knows none of several lines, and
 * readers have to be told that there is a list.
 */
export function CompletionList({ area }: { area: RefObject<HTMLTextAreaElement | null> }) {
  const completion = useCompletion()
  const view = useStore(completion.state)
  const listId = useId()
  useField(area, completion)
  useCombobox(area, listId, view)
  const choose = (at: number) => {
    const writing = completion.choose(at)
    if (area.current && writing) write(area.current, writing)
  }
  return (
    <>
      <p role="status" className="visually-hidden">
        {view.word && t('completion.count', { count: view.options.length })}
      </p>
      {view.word && (
        <Options
          id={listId}
          area={area}
          view={view}
          label={t(titles[view.word.sign])}
          onPoint={(at) => completion.point(at)}
          onChoose={choose}
        />
      )}
    </>
  )
}

function useCompletion(): Completion<Offered> {
  const workspace = useWorkspace()
  const roomId = roomOf(useLocation()[0]) ?? 0
  const people = useMemo(() => new PeopleSource(workspace, roomId), [workspace, roomId])
  useEffect(() => () => people.close(), [people])
  return useMemo(
    () =>
      new Completion<Offered>({
        '@': people,
        '#': new RoomSource(() => workspace.rooms.state.getState().rooms),
        ':': emoji,
      }),
    [workspace, people],
  )
}

const emoji = new EmojiSource(async () => (await import('./emojiList')).emojiList)

/** What happens in the text area is told to the completion, before anybody else hears of it. */
function useField(area: RefObject<HTMLTextAreaElement | null>, completion: Completion<Offered>): void {
  useEffect(() => {
    const field = area.current
    if (!field) return
    const listeners = new AbortController()
    const on = { signal: listeners.signal }
    field.addEventListener(
      'input',
      (event) => {
        const writing = completion.wrote(field.value, field.selectionStart)
        // Only typing is meant so: what was undone would be done again.
        if (writing && isTyped(event)) queueMicrotask(() => write(field, writing))
      },
      on,
    )
    field.addEventListener(
      'keydown',
      (event) => {
        // 229 is what some browsers report for the keys of a composition.
        if (event.isComposing || event.keyCode === 229) return
        if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
        const did = completion.press(event.key)
        if (did === 'not mine') return
        event.preventDefault()
        event.stopPropagation()
        if (did !== 'taken') write(field, did)
      },
      on,
    )
    field.addEventListener('blur', () => completion.close(), on)
    document.addEventListener(
      'selectionchange',
      () => completion.moved(field.value, field.selectionStart, field.selectionEnd),
      on,
    )
    return () => {
      listeners.abort()
      completion.close()
    }
  }, [area, completion])
}

function isTyped(event: Event): boolean {
  const { inputType } = event as InputEvent
  return inputType === 'insertText' || inputType === 'insertCompositionText'
}

/** Writes what was chosen. A space that stands there already is not written again. */
function write(field: HTMLTextAreaElement, { from, to, text }: Writing): void {
  const spaced = text.endsWith(' ') && field.value.charAt(to) === ' '
  field.focus()
  put(field, { from, to: spaced ? to + 1 : to, text })
}

/** While something is offered the text area says so, and which of it is the present one. */
function useCombobox(
  area: RefObject<HTMLTextAreaElement | null>,
  listId: string,
  { word, at }: View<Offered>,
): void {
  const open = word !== undefined
  useEffect(() => {
    const field = area.current
    if (!field || !open) return
    const attributes = {
      role: 'combobox',
      'aria-autocomplete': 'list',
      'aria-expanded': 'true',
      'aria-controls': listId,
    }
    for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value)
    return () => {
      for (const name of [...Object.keys(attributes), 'aria-activedescendant']) field.removeAttribute(name)
    }
  }, [area, listId, open])
  useEffect(() => {
    if (open) area.current?.setAttribute('aria-activedescendant', `${listId}-${at}`)
  }, [area, listId, open, at])
}

interface OptionsProps {
  id: string
  area: RefObject<HTMLTextAreaElement | null>
  view: View<Offered>
  label: string
  onPoint: (at: number) => void
  onChoose: (at: number) => void
}

function Options({ id, area, view: { word, options, at }, label, onPoint, onChoose }: OptionsProps) {
  const list = useRef<HTMLDivElement>(null)
  const from = word?.from ?? 0

  useLayoutEffect(() => void list.current?.showPopover(), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: other options have another size.
  useLayoutEffect(() => {
    const [box, field] = [list.current, area.current]
    if (!box || !field) return
    const anew = () => place(box, field, from)
    anew()
    const watching = new ResizeObserver(anew)
    watching.observe(field)
    const listeners = new AbortController()
    for (const event of ['scroll', 'resize'])
      window.addEventListener(event, anew, { capture: true, signal: listeners.signal })
    return () => {
      watching.disconnect()
      listeners.abort()
    }
  }, [area, from, options])
  useLayoutEffect(() => void list.current?.children[at]?.scrollIntoView({ block: 'nearest' }), [at])

  return (
    <div
      ref={list}
      id={id}
      popover="manual"
      role="listbox"
      tabIndex={-1}
      aria-label={label}
      className={styles.list}
      // The text area keeps the focus.
      onMouseDown={(event) => event.preventDefault()}
    >
      {options.map((option, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the text area's, as in every combobox.
        <div
          key={option.id}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === at}
          tabIndex={-1}
          className={styles.option}
          onClick={() => onChoose(index)}
          onPointerMove={() => index !== at && onPoint(index)}
        >
          <Words option={option} />
        </div>
      ))}
    </div>
  )
}

function Words({ option }: { option: Offered }) {
  switch (option.kind) {
    case 'person':
      return (
        <>
          <Avatar id={option.person.id} name={option.person.name} size="small" />
          <bdi className={styles.name}>{option.person.name}</bdi>
          <bdi className={styles.more}>@{option.person.handle}</bdi>
          {option.outside && <span className={styles.outside}>{t('completion.outside')}</span>}
        </>
      )
    case 'room':
      return (
        <>
          <RoomIcon kind={option.room.kind} size={16} />
          <bdi className={styles.name}>{option.room.name}</bdi>
        </>
      )
    case 'emoji':
      return (
        <>
          <span className={styles.emoji} aria-hidden>
            {option.emoji}
          </span>
          <bdi className={styles.name}>:{option.name}:</bdi>
        </>
      )
  }
}

/** Pixels between the list and what it must not cover, and to the edges of the window. */
const gap = 6
const margin = 8

/** Puts the list above the field or below it, where there is more room, its start at the word's. */
function place(list: HTMLElement, field: HTMLTextAreaElement, from: number): void {
  const { top, bottom } = field.getBoundingClientRect()
  const above = top - gap - margin
  const below = innerHeight - bottom - gap - margin
  list.style.maxHeight = ''
  const { width, height } = list.getBoundingClientRect()
  const up = height <= above || above >= below
  const room = Math.max(0, up ? above : below)
  list.style.maxHeight = `${Math.min(height, room)}px`
  const x = caretX(field, from)
  const start = getComputedStyle(field).direction === 'rtl' ? x - width : x
  list.style.left = `${Math.min(Math.max(margin, start), Math.max(margin, innerWidth - width - margin))}px`
  list.style.top = `${up ? top - gap - Math.min(height, room) : bottom + gap}px`
}
