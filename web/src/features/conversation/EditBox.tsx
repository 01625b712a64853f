import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '../../design/Button'
import { t } from '../../text/text'
import { Completions } from '../completion/Completions'
import styles from './EditBox.module.css'
import { FormatBar } from './format'
import { longestMessage, textLength } from './length'
import { isInCode, mark, markOf } from './marking'

interface Props {
  text: string
  onSave: (text: string) => void
  onCancel: () => void
}

/** EditBox is where a message is written anew, in its place. Enter saves, Esc leaves it as it was. */
export function EditBox({ text, onSave, onCancel }: Props) {
  const [value, setValue] = useState(text)
  const area = useRef<HTMLTextAreaElement>(null)
  const field = useId()
  const over = textLength(value.trimEnd()) - longestMessage
  const savable = value.trim() !== '' && over <= 0

  useLayoutEffect(() => {
    const element = area.current
    if (!element) return
    element.focus()
    element.setSelectionRange(element.value.length, element.value.length)
  }, [])

  useLayoutEffect(() => {
    const element = area.current
    if (!element) return
    element.value = value
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [value])

  const save = () => {
    if (!savable) return
    if (value.trimEnd() === text) onCancel()
    else onSave(value.trimEnd())
  }

  const pressed = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) return
    const by = markOf(event)
    if (event.key === 'Escape') onCancel()
    else if (event.target !== area.current) return
    else if (by !== undefined) mark(area.current, by)
    else if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !isInCode(area.current)) save()
    else return
    event.preventDefault()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the text field inside.
    <div className={styles.edit} onKeyDown={pressed}>
      <textarea
        ref={area}
        id={field}
        className={styles.text}
        rows={1}
        dir="auto"
        aria-label={t('edit.label')}
        aria-describedby="edit-note"
        aria-invalid={over > 0 || undefined}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <Completions area={area} />
      <div className={styles.foot}>
        <div className={styles.tools}>
          <FormatBar area={area} field={field} text={value} />
        </div>
        <p id="edit-note" role="status" className={over > 0 ? styles.over : styles.note}>
          {over > 0 ? t('composer.over', { count: over }) : t('edit.hint')}
        </p>
        <Button onClick={onCancel}>{t('dialog.cancel')}</Button>
        <Button look="primary" disabled={!savable} onClick={save}>
          {t('settings.save')}
        </Button>
      </div>
    </div>
  )
}
