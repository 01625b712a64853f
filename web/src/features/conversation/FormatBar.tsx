import {
  Bold,
  Code,
  Eye,
  Italic,
  List,
  type LucideIcon,
  SquareCode,
  Strikethrough,
  TextQuote,
  Type,
} from 'lucide-react'
import {
  type KeyboardEvent,
  type RefObject,
  useDeferredValue,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
} from 'react'
import { IconButton } from '../../design/Button'
import { useMedia } from '../../design/media'
import { type TextId, t, useLanguage } from '../../text/text'
import { isComposing } from '../keys'
import { modifier } from '../settings/platform'
import styles from './FormatBar.module.css'
import { isLined, type LineMark, lined } from './lining'
import { marked, put } from './marking'
import { usePasting } from './pasting'
import { RichText } from './RichText'
import { keepShown, wasShown } from './shown'

interface Tool {
  mark: string
  label: TextId
  icon: LucideIcon
  /** The key after Ctrl or ⌘, as people read it, and what it is for the browser. */
  keys: string
  code: string
}

const tools: readonly Tool[] = [
  { mark: '**', label: 'shortcut.bold', icon: Bold, keys: 'B', code: '' },
  { mark: '*', label: 'shortcut.italic', icon: Italic, keys: 'I', code: '' },
  { mark: '~~', label: 'shortcut.struck', icon: Strikethrough, keys: 'Shift X', code: '' },
  { mark: '`', label: 'shortcut.code', icon: Code, keys: 'E', code: '' },
  { mark: '```', label: 'format.block', icon: SquareCode, keys: 'Shift 7', code: 'Digit7' },
  { mark: '- ', label: 'format.list', icon: List, keys: 'Shift 8', code: 'Digit8' },
  { mark: '> ', label: 'format.quote', icon: TextQuote, keys: 'Shift 9', code: 'Digit9' },
]

interface Props {
  /** The field whose text the marks are for, and its id. */
  area: RefObject<HTMLTextAreaElement | null>
  field: string
  text: string
}

/**
 * FormatBar is the marks of a message as buttons, with their keys, and a
 * preview of what is written; behind one button, which is remembered where
 * there is space for it. Around it, what is pasted becomes marks.
 */
export function FormatBar({ area, field, text }: Props) {
  const id = useId()
  useLanguage()
  usePasting(area)
  const narrow = useMedia('(max-width: 639px)')
  const [open, setOpen] = useState(() => !narrow && wasShown())
  const [preview, setPreview] = useState(false)

  const act = (mark: string) => {
    if (area.current) apply(area.current, mark)
  }
  const press = useEffectEvent((event: globalThis.KeyboardEvent) => {
    const tool = tools.find(({ code }) => code === event.code)
    const held = event.shiftKey && !event.altKey && event.ctrlKey !== event.metaKey
    if (!tool || !held || isComposing(event)) return
    event.preventDefault()
    act(tool.mark)
  })
  useEffect(() => {
    const writing = area.current
    const pressed = (event: globalThis.KeyboardEvent) => press(event)
    writing?.addEventListener('keydown', pressed)
    return () => writing?.removeEventListener('keydown', pressed)
  }, [area])

  const toggle = () => {
    if (!narrow) keepShown(!open)
    setOpen(!open)
    setPreview(false)
  }
  return (
    <>
      <IconButton
        label={t('format.show')}
        className={styles.toggle ?? ''}
        aria-expanded={open}
        aria-controls={id}
        onMouseDown={keepFocus}
        onClick={toggle}
      >
        <Type size={17} aria-hidden />
      </IconButton>
      {open && (
        <Bar
          id={id}
          area={area}
          field={field}
          text={text}
          preview={preview}
          onMark={act}
          onPreview={() => setPreview(!preview)}
        />
      )}
      {open && preview && <Preview text={text} />}
    </>
  )
}

function Bar({
  id,
  area,
  field,
  text,
  preview,
  onMark,
  onPreview,
}: Props & { id: string; preview: boolean; onMark: (mark: string) => void; onPreview: () => void }) {
  const standing = useStanding(area, text)
  const [at, setAt] = useState(0)
  const bar = useRef<HTMLDivElement>(null)

  const walk = (event: KeyboardEvent) => {
    const to = target(event, at, bar.current)
    if (event.key === 'Escape') area.current?.focus()
    else if (to === undefined) return
    else {
      setAt(to)
      bar.current?.querySelectorAll('button')[to]?.focus()
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const place = (index: number) => ({
    tabIndex: index === at ? 0 : -1,
    onFocus: () => setAt(index),
    onMouseDown: keepFocus,
  })
  return (
    <div
      ref={bar}
      id={id}
      role="toolbar"
      aria-label={t('format.show')}
      aria-controls={field}
      className={styles.bar}
      onKeyDown={walk}
    >
      {tools.map(({ mark, label, icon: Icon, keys }, index) => (
        <IconButton
          key={mark}
          label={t(label)}
          title={`${t(label)} (${modifier(keys)})`}
          aria-keyshortcuts={`Control+${keys.replace(' ', '+')}`}
          aria-pressed={standing.includes(mark)}
          onClick={() => onMark(mark)}
          {...place(index)}
        >
          <Icon size={17} aria-hidden />
        </IconButton>
      ))}
      <IconButton
        label={t('format.preview')}
        className={styles.end ?? ''}
        aria-pressed={preview}
        onClick={onPreview}
        {...place(tools.length)}
      >
        <Eye size={17} aria-hidden />
      </IconButton>
    </div>
  )
}

/** Preview is the message as others will see it. It follows the writing when there is time. */
function Preview({ text }: { text: string }) {
  const shown = useDeferredValue(text.trimEnd())
  return (
    <section className={styles.preview} aria-label={t('format.preview')} dir="auto">
      {shown === '' ? <p className={styles.none}>{t('format.nothing')}</p> : <RichText text={shown} />}
    </section>
  )
}

/** Puts a mark where one writes, or takes it away, and lets them go on there. */
function apply(area: HTMLTextAreaElement, mark: string): void {
  area.focus()
  const by = isOfLines(mark) ? lined(selectedIn(area), mark) : marked(selectedIn(area), mark)
  put(area, by)
  area.setSelectionRange(by.start, by.end)
}

/** The marks that stand around what is selected. */
function useStanding(area: RefObject<HTMLTextAreaElement | null>, text: string): string[] {
  const [standing, setStanding] = useState<string[]>([])
  const look = useEffectEvent(() => {
    if (!area.current) return
    const selected = selectedIn(area.current)
    const marks = tools.map(({ mark }) => mark).filter((mark) => stands(selected, mark))
    setStanding((before) => (before.join() === marks.join() ? before : marks))
  })
  useEffect(() => {
    const selected = () => look()
    document.addEventListener('selectionchange', selected)
    return () => document.removeEventListener('selectionchange', selected)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is written changes what stands.
  useEffect(() => look(), [text])
  return standing
}

type Selection = Parameters<typeof marked>[0]

function stands(selected: Selection, mark: string): boolean {
  if (isOfLines(mark)) return isLined(selected, mark)
  const { from, to, text } = marked(selected, mark)
  return text.length < to - from
}

function isOfLines(mark: string): mark is LineMark {
  return mark === '> ' || mark === '- ' || mark === '```'
}

function selectedIn({ value, selectionStart, selectionEnd }: HTMLTextAreaElement): Selection {
  return { text: value, start: selectionStart, end: selectionEnd }
}

/** A press with mouse or finger leaves the focus, what is selected and a phone's keyboard where they are. */
function keepFocus(event: { preventDefault(): void }): void {
  event.preventDefault()
}

/** Where a key leads in the bar. */
function target({ key }: KeyboardEvent, at: number, bar: HTMLElement | null): number | undefined {
  const count = tools.length + 1
  const mirrored = bar !== null && getComputedStyle(bar).direction === 'rtl'
  switch (key) {
    case 'ArrowRight':
    case 'ArrowLeft':
      return (at + ((key === 'ArrowRight') === mirrored ? -1 : 1) + count) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
  }
  return undefined
}
