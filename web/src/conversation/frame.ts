/** A page that is not in sight is brought up to date this often, in milliseconds. */
const unseen = 250

/**
 * OncePerFrame returns how to ask for a task to run before the next paint;
 * asked again before that, it runs once all the same. So a burst of events costs
 * one change of the page per frame, however many they are, and never starves
 * the paint itself. A hidden page, which paints nothing, runs it a little later.
 */
export function oncePerFrame(task: () => void): { soon(): void; cancel(): void } {
  let frame: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const cancel = () => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    clearTimeout(timer)
    frame = undefined
    timer = undefined
  }
  const run = () => {
    cancel()
    task()
  }
  return {
    soon() {
      if (timer !== undefined) return
      timer = setTimeout(run, unseen)
      if (typeof requestAnimationFrame === 'function') frame = requestAnimationFrame(run)
    },
    cancel,
  }
}
