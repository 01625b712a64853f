import { ArrowUp } from 'lucide-react'
import { type FormEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react'
import type { Conversation } from '../../conversation/conversation'
import { useMedia } from '../../design/media'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { useWorkspace } from '../workspace'
import styles from './Composer.module.css'

/** Characters of a message at most, and from how many on they are counted down. */
const longest = 10_000
const countedFrom = 9_500

/** Composer is where a message is written. What is begun stays with its room until it is sent. */
export function Composer({ room, conversation }: { room: RoomInfo; conversation: Conversation }) {
  const { drafts } = useWorkspace()
  const [text, setText] = useState(() => drafts.get(room.id))
  const area = useRef<HTMLTextAreaElement>(null)
  // On a touch screen the focus would open the keyboard over the messages.
  const touch = useMedia('(pointer: coarse)')
  const left = longest - lengthOf(text.trimEnd())
  const sendable = text.trim() !== '' && left >= 0

  useLayoutEffect(() => {
    const element = area.current
    if (!element) return
    element.style.height = 'auto'
    // An empty one keeps its single line, however the placeholder would wrap.
    element.style.height = text === '' ? '' : `${element.scrollHeight}px`
  }, [text])

  const write = (value: string) => {
    setText(value)
    drafts.set(room.id, value)
  }

  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    area.current?.focus()
    if (!sendable) return
    conversation.outbox.add(text.trimEnd())
    write('')
  }

  const pressed = (event: KeyboardEvent) => {
    // 229 is what some browsers report for the Enter that ends a composition.
    if (event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) return
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return
    event.preventDefault()
    submit()
  }

  return (
    <form className={styles.composer} aria-label={t('composer.label', { room: room.name })} onSubmit={submit}>
      <div className={styles.field}>
        <textarea
          ref={area}
          id="composer"
          className={styles.text}
          rows={1}
          dir="auto"
          enterKeyHint="send"
          autoFocus={!touch}
          aria-label={t('composer.label', { room: room.name })}
          aria-invalid={left < 0 || undefined}
          aria-describedby="composer-count"
          placeholder={t('composer.placeholder', { room: room.name })}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={pressed}
        />
        <p
          id="composer-count"
          role="status"
          className={left < 0 ? `${styles.count} ${styles.over}` : styles.count}
        >
          {longest - left >= countedFrom &&
            t(left < 0 ? 'composer.over' : 'composer.left', { count: Math.abs(left) })}
        </p>
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
    </form>
  )
}

/** Characters as people and the server count them: a surrogate pair is one. */
function lengthOf(text: string): number {
  if (text.length < countedFrom) return text.length
  let length = 0
  for (const _ of text) length++
  return length
}
