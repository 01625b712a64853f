import { t } from '../text/text'
import { tell, warn } from './notices/toast'

/**
 * Copy puts the text on the clipboard and says so. Browsers offer that only on
 * https and localhost; elsewhere a selection is copied as of old.
 */
export async function copy(text: string, done: string): Promise<void> {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text)
    else if (!copySelection(text)) throw new Error('not copied')
    tell(done)
  } catch {
    warn(t('copy.failed'))
  }
}

function copySelection(text: string): boolean {
  const area = document.createElement('textarea')
  const before = document.activeElement
  area.value = text
  // Inside an open dialog, because what is outside of it cannot have the focus.
  const place = document.querySelector('dialog[open]') ?? document.body
  place.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return copied
}
