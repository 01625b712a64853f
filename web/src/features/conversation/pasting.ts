import { type RefObject, useLayoutEffect } from 'react'
import { isAddress, marks } from '../../conversation/pasted'
import { isInCode, put } from './marking'

/** Characters of HTML above which what is pasted is taken as plain text: no message is made of so much. */
const most = 300_000

/**
 * UsePasting makes what is pasted into a field marks: what pages and programs
 * look like, and an address that is pasted over words, which stay and have it
 * behind them. Each can be undone. Into code, and with Ctrl+Shift+V, plain text
 * is pasted as ever.
 */
export function usePasting(area: RefObject<HTMLTextAreaElement | null>): void {
  useLayoutEffect(() => {
    const field = area.current
    if (!field) return
    // Browsers do not say of a paste how it was asked for.
    let plainly = false
    const press = (event: KeyboardEvent) => {
      plainly = event.shiftKey && event.key.toLowerCase() === 'v'
    }
    const paste = (event: ClipboardEvent) => {
      if (plainly || !event.clipboardData || isInCode(field)) return
      const words = written(field, event.clipboardData)
      if (words === undefined) return
      event.preventDefault()
      put(field, { from: field.selectionStart, to: field.selectionEnd, text: words })
    }
    field.addEventListener('keydown', press)
    field.addEventListener('paste', paste)
    return () => {
      field.removeEventListener('keydown', press)
      field.removeEventListener('paste', paste)
    }
  }, [area])
}

/** What to write for what is pasted; undefined when the browser does it right. */
function written(field: HTMLTextAreaElement, clipboard: DataTransfer): string | undefined {
  const text = clipboard.getData('text/plain')
  const html = clipboard.getData('text/html')
  const selected = field.value.slice(field.selectionStart, field.selectionEnd)
  // An address over an address replaces it.
  if (isAddress(text.trim()) && selected.trim() !== '' && !isAddress(selected.trim()))
    return behind(selected, text.trim())
  if (html === '' || html.length > most) return undefined
  const said = marks(html)
  return said === '' || said === text.replace(/\r\n?/g, '\n').trim() ? undefined : said
}

/** Words, and behind them the address where they lead. */
function behind(words: string, address: string): string {
  const end = words.trimEnd().length
  return `${words.slice(0, end)} (${address})${words.slice(end)}`
}
