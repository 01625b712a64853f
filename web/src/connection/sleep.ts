/** How often, in milliseconds, the clock is looked at, and how far it must have gone on meanwhile. */
const every = 1_000
const asleep = 10_000

/**
 * WatchSleep calls back about once a second, and says whether the device has
 * slept since the last time. Nothing else tells a page: it sees a clock on the
 * wall that went on without it. In the background, where browsers let pages
 * wait, that looks the same. It returns how to end that.
 */
export function watchSleep(tick: (slept: boolean) => void): () => void {
  let last = Date.now()
  const timer = setInterval(() => {
    const now = Date.now()
    const slept = now - last > asleep
    last = now
    tick(slept)
  }, every)
  return () => clearInterval(timer)
}
