import type { Page } from '@playwright/test'

/** Attend lets the window get or lose the person's attention, as another window in front of it does. */
export async function attend(page: Page, attentive: boolean): Promise<void> {
  await page.evaluate((attentive) => {
    document.hasFocus = () => attentive
    window.dispatchEvent(new Event(attentive ? 'focus' : 'blur'))
  }, attentive)
}
