import { Component, createRef, type KeyboardEventHandler, type ReactNode } from 'react'
import styles from './Scroller.module.css'

interface Props {
  label: string
  busy: boolean
  /** There is no message among the rows. */
  empty: boolean
  /** What stands above the rows. */
  above: ReactNode
  /** Whether the last row is the end of the room, so that being at the bottom means following. */
  reachesEnd: boolean
  onStuck(stuck: boolean): void
  /** Whether the reader is more than a screen away from the bottom. */
  onFar(far: boolean): void
  onNearTop(): void
  onNearBottom(): void
  onKeyDown: KeyboardEventHandler
  onFocus(event: React.FocusEvent): void
  onBlur(event: React.FocusEvent): void
  onPointerOver(event: React.PointerEvent): void
  onPointerLeave(): void
  /** What fingers do. */
  touch: Pick<
    React.DOMAttributes<HTMLElement>,
    'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel' | 'onContextMenu'
  >
  children: ReactNode
}

/** A row and where its top stood in the window, in pixels. */
interface Anchor {
  row: Element
  top: number
}

/** Within so many pixels of the bottom the reader follows what is new. */
const stickWithin = 32
/** Within so many pixels of an end of the rows, more are wanted. */
const wantWithin = 900
/** So many milliseconds after the last step the rows count as resting. */
const restAfter = 1_000

/**
 * Scroller keeps what people read where it is. Before each change it notes
 * the rows in sight, after it the first of them that is still there is put
 * back to the pixel; at the bottom it follows instead. A class, because only
 * classes are asked for a snapshot between two states of the page.
 */
export class Scroller extends Component<Props> {
  readonly #box = createRef<HTMLDivElement>()
  readonly #content = createRef<HTMLDivElement>()
  #stuck = true
  /** The bottom was left without a word from the box. */
  #left = false
  #far = false
  /** Rows in sight when the reader last moved; they hold the place when sizes change. */
  #resting: Anchor[] = []
  #size = ''
  #observer: ResizeObserver | undefined
  #rest: ReturnType<typeof setTimeout> | undefined

  override componentDidMount(): void {
    const divider = this.#content.current?.querySelector('[data-row="new"]')
    if (divider) this.#showAtThird(divider)
    else this.#toBottom()
    this.#settle()
    this.#observer = new ResizeObserver(() => this.#resized())
    if (this.#box.current) this.#observer.observe(this.#box.current)
    if (this.#content.current) this.#observer.observe(this.#content.current)
    this.#moved()
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect()
    clearTimeout(this.#rest)
  }

  override getSnapshotBeforeUpdate(): Anchor[] {
    // The arrow keys may have led to a row further up a moment ago, before the box has said so.
    if (this.#stuck && this.#onRow() && this.#size === this.#measure() && this.#distance() > 1) {
      this.#stuck = false
      this.#left = true
    }
    // Whoever follows the bottom needs no other place to be kept.
    return this.#stuck ? [] : this.#inSight()
  }

  override componentDidUpdate(_props: Props, _state: unknown, anchors: Anchor[]): void {
    this.#keep(anchors)
    if (this.#left) this.props.onStuck(false)
    this.#left = false
    this.#moved()
  }

  /** Stick goes to the bottom and follows from there. */
  stick(): void {
    this.#stuck = true
    this.#toBottom()
    this.props.onStuck(true)
    this.#moved()
  }

  /** Show brings the row with this key into sight, a third from the top. */
  show(key: string): void {
    const row = this.#content.current?.querySelector(`[data-row="${CSS.escape(key)}"]`)
    if (!row) return
    this.#stuck = false
    this.#showAtThird(row)
    this.#settle()
    this.#moved()
  }

  #keep(anchors: Anchor[]): void {
    if (this.#stuck) return this.#toBottom()
    const box = this.#box.current
    const anchor = anchors.find(({ row }) => row.isConnected)
    if (!box || !anchor) return
    const shift = anchor.row.getBoundingClientRect().top - anchor.top
    if (shift !== 0) box.scrollTop += shift
  }

  #resized(): void {
    this.#keep(this.#resting)
    this.#moved()
  }

  /** Heights of the window and of the rows, as one value to compare. */
  #measure(): string {
    const box = this.#box.current
    return `${box?.clientHeight} ${box?.scrollHeight}`
  }

  #toBottom(): void {
    const box = this.#box.current
    if (box) box.scrollTop = box.scrollHeight
  }

  /** A third from the top, so that what was read before is there to begin from. */
  #showAtThird(row: Element): void {
    const box = this.#box.current
    if (!box) return
    const distance = row.getBoundingClientRect().top - box.getBoundingClientRect().top
    box.scrollTop += distance - box.clientHeight / 3
  }

  #inSight(): Anchor[] {
    const box = this.#box.current
    const content = this.#content.current
    if (!box || !content) return []
    const { top, bottom } = box.getBoundingClientRect()
    const rows = content.querySelectorAll('[data-row]')
    const anchors: Anchor[] = []
    for (let i = firstBelow(rows, top); i < rows.length; i++) {
      const row = rows[i] as Element
      const rect = row.getBoundingClientRect()
      if (rect.top > bottom) break
      anchors.push({ row, top: rect.top })
    }
    return anchors
  }

  readonly #scrolled = () => {
    // A change of size moves the rows before it is observed. That is not the
    // reader, who must not lose the bottom by it.
    if (this.#size !== this.#measure()) return this.#resized()
    this.#moving()
    const before = this.#stuck
    // Whoever walks the rows stands where they are: only the very bottom is followed.
    this.#stuck = this.props.reachesEnd && this.#distance() <= (this.#onRow() ? 1 : stickWithin)
    if (this.#stuck !== before) this.props.onStuck(this.#stuck)
    this.#moved()
  }

  /** Takes the place where the rows were first put as the reader's own. */
  #settle(): void {
    this.#stuck = this.props.reachesEnd && this.#distance() <= stickWithin
    this.props.onStuck(this.#stuck)
  }

  /** Whether a row has the focus. */
  #onRow(): boolean {
    const focused = document.activeElement
    return focused?.getAttribute('role') === 'article' && this.#content.current?.contains(focused) === true
  }

  /** Marks the box while it moves; the day's mark shows then. */
  #moving(): void {
    const box = this.#box.current
    if (!box) return
    box.dataset.moving = ''
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => {
      delete box.dataset.moving
    }, restAfter)
  }

  #distance(): number {
    const box = this.#box.current
    return box ? box.scrollHeight - box.clientHeight - box.scrollTop : 0
  }

  /** Looks where the reader is now, and asks for what is missing around it. */
  #moved(): void {
    const box = this.#box.current
    if (!box) return
    this.#resting = this.#stuck ? [] : this.#inSight()
    this.#size = this.#measure()
    const distance = this.#distance()
    const far = distance > box.clientHeight
    if (far !== this.#far) {
      this.#far = far
      this.props.onFar(far)
    }
    if (box.scrollTop < wantWithin) this.props.onNearTop()
    if (distance < wantWithin && !this.props.reachesEnd) this.props.onNearBottom()
  }

  override render(): ReactNode {
    const { label, busy, empty, above, touch, children } = this.props
    const { onKeyDown, onFocus, onBlur, onPointerOver, onPointerLeave } = this.props
    return (
      <div ref={this.#box} className={styles.box} onScroll={this.#scrolled}>
        <div ref={this.#content} className={styles.content}>
          {above}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: it has a role, one of two; arrow keys walk the rows. */}
          {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a label. */}
          <div
            id="timeline"
            role={empty ? 'group' : 'feed'}
            aria-label={label}
            aria-busy={busy}
            onKeyDown={onKeyDown}
            onFocus={onFocus}
            onBlur={onBlur}
            onPointerOver={onPointerOver}
            onPointerLeave={onPointerLeave}
            {...touch}
          >
            {children}
          </div>
        </div>
      </div>
    )
  }
}

/** Index of the first row whose lower edge is below a line; rows stand in order. */
function firstBelow(rows: NodeListOf<Element>, line: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle] as Element).getBoundingClientRect().bottom <= line) low = middle + 1
    else high = middle
  }
  return low
}
