/** Probe is what the bench asks of the page; it is there before anything of the page runs. */
export interface Probe {
  /** Resolves when this is so: the time at which it was, and that of the first task behind the frame that showed it, in ms since the page began. */
  shown(is: () => boolean): Promise<{ there: number; painted: number }>
  /** When the browser was given the last event of this type. */
  given(type: 'keydown' | 'click'): number
  /** Resolves behind the frame that shows what is in the page now. */
  painted(): Promise<number>
  /** Resolves in a task of its own, behind the present frame. */
  task(): Promise<void>
  /** Pixels by which the topmost row in sight moves in the next frames while nobody scrolls. */
  jump(frames: number): Promise<number>
  /** Where rows are looked for. */
  box(): HTMLElement
  /** The first row in sight. */
  topRow(): Element | undefined
}

declare global {
  interface Window {
    probe: Probe
  }
}

/** InstallProbe runs in the page. */
export function installProbe(): void {
  const times: Record<string, number> = {}
  for (const type of ['keydown', 'click'])
    addEventListener(
      type,
      ({ timeStamp }) => {
        times[type] = timeStamp
      },
      true,
    )
  const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))
  const task = () =>
    new Promise<void>((resolve) => {
      const channel = new MessageChannel()
      channel.port1.onmessage = () => resolve()
      channel.port2.postMessage(0)
    })
  const painted = async () => {
    await frame()
    await task()
    return performance.now()
  }
  const box = () => document.querySelector('#timeline')?.parentElement?.parentElement as HTMLElement
  const topRow = () => {
    const edge = box().getBoundingClientRect().top
    return [...box().querySelectorAll('[role="article"]')].find(
      (row) => row.getBoundingClientRect().bottom > edge,
    )
  }
  window.probe = {
    task,
    painted,
    box,
    topRow,
    given: (type) => times[type] ?? Number.NaN,
    async shown(is) {
      await new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          if (!is()) return
          observer.disconnect()
          resolve()
        })
        if (is()) return resolve()
        observer.observe(document, { subtree: true, childList: true, attributes: true })
      })
      const there = performance.now()
      return { there, painted: await painted() }
    },
    async jump(frames) {
      const row = topRow()
      const top = row?.getBoundingClientRect().top ?? Number.NaN
      let most = 0
      for (let i = 0; i < frames; i++) {
        await frame()
        if (row?.isConnected) most = Math.max(most, Math.abs(row.getBoundingClientRect().top - top))
      }
      return most
    },
  }
}
