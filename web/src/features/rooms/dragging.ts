import styles from './StarOrder.module.css'

/** Pixels that a press has to go before it is a drag. */
const threshold = 5

/** Pixels from the ends of what scrolls in which a drag scrolls it, and how far in each frame. */
const edge = 36
const pace = 7

/**
 * Drag is one row of a list on its way to another place in it, from the press
 * on. The rows make room for it while it goes; their order stays what it is
 * until it is dropped, which tells where it came to rest.
 */
export class Drag {
  readonly #list: HTMLElement
  readonly #row: HTMLElement
  readonly #rows: readonly HTMLElement[]
  readonly #scroller: HTMLElement | null
  readonly #dropped: (to: number) => void
  readonly #ended = new AbortController()
  /** Where it was taken hold of: in the window, and how far the list was scrolled then. */
  readonly #from: number
  readonly #scrolled: number
  #y: number
  #frame: number | undefined

  constructor(list: HTMLElement, row: HTMLElement, press: PointerEvent, dropped: (to: number) => void) {
    this.#list = list
    this.#row = row
    this.#rows = [...list.children] as HTMLElement[]
    this.#scroller = scrollerOf(list)
    this.#dropped = dropped
    this.#from = press.clientY
    this.#y = press.clientY
    this.#scrolled = this.#scroller?.scrollTop ?? 0
    const on = { signal: this.#ended.signal, capture: true }
    window.addEventListener('pointermove', (event) => this.#moved(event), on)
    window.addEventListener('pointerup', () => this.#released(), on)
    window.addEventListener('pointercancel', () => this.end(), on)
    window.addEventListener('blur', ({ target }) => target === window && this.end(), on)
    window.addEventListener('keydown', (event) => this.#pressed(event), on)
  }

  /** End puts everything back as it was. */
  end(): void {
    this.#ended.abort()
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#list.classList.remove(styles.sorting ?? '')
    this.#row.classList.remove(styles.dragged ?? '')
    for (const row of this.#rows) row.style.translate = ''
  }

  get #begun(): boolean {
    return this.#frame !== undefined
  }

  #moved({ clientY, buttons }: PointerEvent): void {
    // It was let go outside of the window.
    if ((buttons & 1) === 0) return this.end()
    this.#y = clientY
    if (this.#begun || Math.abs(clientY - this.#from) < threshold) return
    this.#list.classList.add(styles.sorting ?? '')
    this.#row.classList.add(styles.dragged ?? '')
    this.#show()
  }

  #released(): void {
    const to = this.#begun ? this.#to : undefined
    this.end()
    if (to === undefined) return
    // The press ends with a click on the room, which was not meant.
    const swallow = (event: Event) => {
      event.preventDefault()
      event.stopPropagation()
    }
    window.addEventListener('click', swallow, { capture: true, once: true })
    setTimeout(() => window.removeEventListener('click', swallow, true))
    this.#dropped(to)
  }

  #pressed(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !this.#begun) return
    event.preventDefault()
    event.stopPropagation()
    this.end()
  }

  /** How far the row is from where it was. */
  get #way(): number {
    return this.#y - this.#from + (this.#scroller?.scrollTop ?? 0) - this.#scrolled
  }

  /** Where it would come to rest: behind all rows whose middle lies above its own. */
  get #to(): number {
    const middle = middleOf(this.#row) + this.#way
    return this.#rows.filter((row) => row !== this.#row && middleOf(row) < middle).length
  }

  #show(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#scroll()
      const at = this.#rows.indexOf(this.#row)
      const to = this.#to
      for (const [index, row] of this.#rows.entries()) {
        const makesRoom = index > at && index <= to ? -1 : index < at && index >= to ? 1 : 0
        const by = row === this.#row ? this.#way : makesRoom * this.#row.offsetHeight
        row.style.translate = by === 0 ? '' : `0 ${by}px`
      }
      this.#show()
    })
  }

  #scroll(): void {
    const box = this.#scroller?.getBoundingClientRect()
    if (!box) return
    if (this.#y < box.top + edge) this.#scroller?.scrollBy(0, -pace)
    else if (this.#y > box.bottom - edge) this.#scroller?.scrollBy(0, pace)
  }
}

function middleOf(row: HTMLElement): number {
  return row.offsetTop + row.offsetHeight / 2
}

function scrollerOf(element: HTMLElement): HTMLElement | null {
  for (let at = element.parentElement; at; at = at.parentElement)
    if (getComputedStyle(at).overflowY === 'auto') return at
  return null
}
