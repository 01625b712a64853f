/** A page that is not in sight is brought up to date this often, in milliseconds. */
const unseen = 250

/** What waits for the next paint, in the order in which it was asked for. */
const due = new Set<() => void>()

/**
 * OncePerFrame returns how to ask for a task to run before the next paint;
 * asked again before that, it runs once all the same. So a burst of events costs
 * one change of the page per frame, however many they are, and never starves
 * the paint itself. A hidden page, which paints nothing, runs it a little later.
 * All tasks of one frame run one right after the other: what they change is
 * rendered together.
 */
export function oncePerFrame(task: () => void): { soon(): void; cancel(): void } {
  let frame: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const cancel = () => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    clearTimeout(timer)
    frame = undefined
    timer = undefined
    due.delete(run)
  }
  const run = () => {
    cancel()
    task()
  }
  return {
    soon() {
      if (timer !== undefined) return
      due.add(run)
      timer = setTimeout(runAll, unseen)
      if (typeof requestAnimationFrame === 'function') frame = requestAnimationFrame(runAll)
    },
    cancel,
  }
}

/** Whoever's turn comes first takes the others along. */
function runAll(): void {
  for (const run of [...due]) if (due.has(run)) run()
}
