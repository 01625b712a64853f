/** The parts of the page that F6 leads around, as they follow each other, and what has the focus first in each. */
const regions: readonly { region: string; first: string }[] = [
  { region: 'nav', first: '[aria-current="page"]' },
  { region: '#timeline', first: '[tabindex="0"]' },
  { region: 'form:has(#composer)', first: '#composer' },
  { region: 'aside', first: 'input' },
]

const reachable = 'a[href], button:not([disabled]), input, textarea, [tabindex="0"]'

/** ToRegion gives the focus to the next region of the page, or to the one before, round and round. */
export function toRegion(by: 1 | -1): void {
  const present = regions.flatMap(({ region, first }) => {
    const element = document.querySelector<HTMLElement>(region)
    return element?.checkVisibility() ? [{ element, first }] : []
  })
  const at = present.findIndex(({ element }) => element.contains(document.activeElement))
  const from = at < 0 && by < 0 ? 0 : at
  for (let step = 1; step <= present.length; step++) {
    const next = present.at((from + step * by) % present.length)
    const target =
      next?.element.querySelector<HTMLElement>(next.first) ??
      next?.element.querySelector<HTMLElement>(reachable)
    if (target) return target.focus()
  }
}
