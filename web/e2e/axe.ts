import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import { settled } from './parley'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * Violations that axe finds on the page as it is, of WCAG 2.0 to 2.2, levels A
 * and AA, and of good practice: everything in the light appearance, and the
 * contrast again in the dark one.
 */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  await page.emulateMedia({ colorScheme: 'light' })
  await settled(page)
  const found = await run(page, { rules: { 'target-size': { enabled: true } } })
  await page.emulateMedia({ colorScheme: 'dark' })
  await settled(page)
  const dark = await run(page, { runOnly: { type: 'rule', values: ['color-contrast'] } })
  await page.emulateMedia({ colorScheme: 'light' })
  return [...found, ...dark.map((violation) => `dark: ${violation}`)]
}

function run(page: Page, options: object): Promise<string[]> {
  return page.evaluate(async (options) => {
    interface Violation {
      id: string
      nodes: { html: string; failureSummary: string }[]
    }
    interface Axe {
      run(context: Document, options: object): Promise<{ violations: Violation[] }>
    }
    const { violations } = await (window as unknown as { axe: Axe }).axe.run(document, {
      resultTypes: ['violations'],
      ...options,
    })
    // HTML has no combobox of several lines: a text area may not be one, and nothing else tells
    // screen readers of a list that came up beside it.
    const allowed = (id: string, html: string) =>
      id === 'aria-allowed-role' && /^<textarea\b[^>]* role="combobox"/.test(html)
    return violations.flatMap(({ id, nodes }) =>
      nodes
        .filter(({ html }) => !allowed(id, html))
        .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`),
    )
  }, options)
}
