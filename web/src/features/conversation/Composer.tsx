import { ArrowUp } from 'lucide-react'
import { type FormEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Conversation } from '../../conversation/conversation'
import { useMedia } from '../../design/media'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { Completions } from '../completion/Completions'
import { titleFor } from '../rooms/title'
import { useWorkspace } from '../workspace'
import styles from './Composer.module.css'
import { FormatBar } from './format'
import { longestMessage, textLength } from './length'
import { isInCode, mark, markOf } from './marking'

/** From how many characters on they are counted down. */
const countedFrom = 9_500

/** Where the browser makes the field as high as what is written, to measure it at each key would cost a layout of the page. */
const growsByItself = CSS.supports('field-sizing', 'content')

interface Props {
  room: RoomInfo
  conversation: Conversation
  /** Edits the last message of one's own; says whether there is one. */
  onEditLast: () => boolean
}

/** Composer is where a message is written. What is begun stays with its room, on all devices, until it is sent. */
export function Composer({ room, conversation, onEditLast }: Props) {
  const { drafts } = useWorkspace()
  const [text, setText] = useState(() => drafts.get(room.id))
  const area = useRef<HTMLTextAreaElement>(null)
  // On a touch screen the focus would open the keyboard over the messages.
  const touch = useMedia('(pointer: coarse)')
  const left = longestMessage - textLength(text.trimEnd())
  const sendable = text.trim() !== '' && left >= 0

  useEffect(() => drafts.attend(room.id, setText), [drafts, room.id])

  useLayoutEffect(() => {
    const element = area.current
    if (!element || growsByItself) return
    element.style.height = 'auto'
    // An empty one keeps its single line, however the placeholder would wrap.
    element.style.height = text === '' ? '' : `${element.scrollHeight}px`
  }, [text])

  const write = (value: string) => {
    setText(value)
    conversation.writing.wrote(value)
    drafts.set(room.id, value)
  }

  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    area.current?.focus()
    if (!sendable) return
    conversation.say(text.trimEnd())
    conversation.writing.sent()
    write('')
  }

  const pressed = (event: KeyboardEvent) => {
    // 229 is what some browsers report for the Enter that ends a composition.
    if (event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) return
    if (event.key === 'ArrowUp' && text === '' && isPlain(event)) {
      if (onEditLast()) event.preventDefault()
      return
    }
    const by = markOf(event)
    if (by !== undefined && area.current) {
      event.preventDefault()
      mark(area.current, by)
      return
    }
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || isInCode(area.current)) return
    event.preventDefault()
    submit()
  }

  return (
    <form
      className={styles.composer}
      aria-label={t('composer.label', { room: titleFor(room) })}
      onSubmit={submit}
    >
      <div className={styles.field}>
        <textarea
          ref={area}
          id="composer"
          className={styles.text}
          rows={1}
          dir="auto"
          enterKeyHint="send"
          autoFocus={!touch}
          aria-label={t('composer.label', { room: titleFor(room) })}
          aria-invalid={left < 0 || undefined}
          aria-describedby="composer-count"
          placeholder={t('composer.placeholder', { room: titleFor(room) })}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={pressed}
          onBlur={() => drafts.rest()}
        />
        <p
          id="composer-count"
          role="status"
          className={left < 0 ? `${styles.count} ${styles.over}` : styles.count}
        >
          {longestMessage - left >= countedFrom &&
            t(left < 0 ? 'composer.over' : 'composer.left', { count: Math.abs(left) })}
        </p>
        <div className={styles.tools}>
          <FormatBar area={area} field="composer" text={text} />
        </div>
        <button
          type="submit"
          className={styles.send}
          aria-label={t('composer.send')}
          title={t('composer.send')}
          disabled={!sendable}
        >
          <ArrowUp size={18} strokeWidth={2.4} aria-hidden />
        </button>
      </div>
      <Completions area={area} />
    </form>
  )
}

function isPlain({ altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  return !altKey && !ctrlKey && !metaKey && !shiftKey
}
