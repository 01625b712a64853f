import type { Page } from '@playwright/test'

/**
 * What does not fit the width of the window: the page or a dialog that could
 * be moved sideways, and things with words that stand outside, or whose words
 * are cut off without a sign.
 */
export function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const width = document.documentElement.clientWidth
    for (const box of [document.documentElement, ...document.querySelectorAll('dialog, main, nav, aside')])
      if (box.scrollWidth > box.clientWidth && box.clientWidth > 0)
        found.push(`${box.tagName} is ${box.scrollWidth} wide in ${box.clientWidth}`)
    for (const element of document.querySelectorAll<HTMLElement>(
      'button, a, label, h1, h2, h3, p, dt, dd, input, select',
    )) {
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
      const style = getComputedStyle(element)
      const { left, right, width: own } = element.getBoundingClientRect()
      if (own <= 1 || style.clipPath !== 'none' || element.closest('.visually-hidden')) continue
      const name = `${element.tagName} "${(element.textContent || element.getAttribute('aria-label') || '').slice(0, 40)}"`
      if (left < -1 || right > width + 1) found.push(`${name} stands from ${left} to ${right}`)
      // An ellipsis is a sign; a field can be moved in.
      const cut = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
      if (cut && style.textOverflow !== 'ellipsis' && !element.matches('input, select'))
        found.push(`${name} is ${element.scrollWidth} wide in ${element.clientWidth}`)
    }
    return found
  })
}
