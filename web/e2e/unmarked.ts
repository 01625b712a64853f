import type { Page } from '@playwright/test'

/**
 * What a person can read or hear that is in no catalogue: words outside of the
 * marks of the language of nobody. What people wrote stands in <bdi> or in
 * elements that find their own direction; keys and times are no words.
 */
export function unmarked(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const check = (text: string | null) => {
      if (!text) return
      // Each text with marks becomes one; a text may have another one in it.
      let outside = ''
      let depth = 0
      for (const letter of text) {
        if (letter === '⟦' && depth++ === 0) outside += '⟦'
        if (depth === 0) outside += letter
        if (letter === '⟧') depth--
      }
      if (/\p{L}{2}/u.test(outside)) found.push(text)
      else if (/⟦[^\n]*⟦/.test(outside)) found.push(`pieces: ${text}`)
    }
    const foreign = 'bdi, kbd, time, script, style, head *, [dir="auto"], option[lang], noscript, textarea'
    for (const element of document.querySelectorAll('*')) {
      if (element.closest(foreign)) continue
      // The words of one element, without what people wrote; what stands in elements of its own is apart.
      const own = [...element.childNodes].map((node) => {
        if (node.nodeType === Node.TEXT_NODE) return node.textContent
        return (node as Element).matches?.('bdi') ? '' : '\n'
      })
      check(own.join(''))
    }
    // Of a label with a name in it, the marks show that it is one text.
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description'])
      for (const element of document.querySelectorAll(`[${name}]`)) {
        if (element.matches('time, bdi, a[href^="http"]')) continue
        const text = element.getAttribute(name) ?? ''
        // A text with marks may have a name in it.
        check(text.includes('⟦') ? text.replace(/[^⟦⟧]+/g, '') : text)
      }
    return found
  })
}
