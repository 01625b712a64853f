import { type ComponentType, useEffect, useState } from 'react'
import { speakAll, t } from '../text/text'
import { warn } from './notices/toast'

const preloads: (() => Promise<unknown>)[] = []

/** Fetched is a part and the texts that it says. */
async function fetched<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const [loaded] = await Promise.all([load(), speakAll()])
  return loaded
}

/**
 * Rare makes a component that is fetched when it is first shown, or before
 * that when the page has nothing to do. When it cannot be fetched the person
 * is told, and what wanted to show it is closed.
 */
export function rare<Name extends string, Props extends { onClose: () => void }>(
  name: Name,
  load: () => Promise<Record<Name, ComponentType<Props>>>,
): ComponentType<Props> {
  let known: ComponentType<Props> | undefined
  const fetch = async () => {
    known = (await fetched(load))[name]
    return known
  }
  preloads.push(fetch)
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each part, where modules begin.
  return function Rare(props: Props) {
    const [Loaded, setLoaded] = useState(() => known)
    const { onClose } = props
    useEffect(() => {
      if (Loaded) return
      fetch().then(
        (component) => setLoaded(() => component),
        () => {
          warn(t('error.offline'))
          onClose()
        },
      )
    }, [Loaded, onClose])
    return Loaded ? <Loaded {...props} /> : null
  }
}

/**
 * Quiet makes a component for which nobody waits: it is there once it could be
 * fetched, which begins when the page has nothing else to do, and at the latest
 * when it is first to be shown.
 */
export function quiet<Name extends string, Props extends object>(
  name: Name,
  load: () => Promise<Record<Name, ComponentType<Props>>>,
): ComponentType<Props> {
  let known: ComponentType<Props> | undefined
  const fetch = async () => {
    known = (await fetched(load))[name]
    return known
  }
  preloads.push(fetch)
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each part, where modules begin.
  return function Quiet(props: Props) {
    const [Loaded, setLoaded] = useState(() => known)
    useEffect(() => {
      if (Loaded) return
      whenQuiet(() => {
        fetch().then(
          (component) => setLoaded(() => component),
          () => undefined,
        )
      })
    }, [Loaded])
    return Loaded ? <Loaded {...props} /> : null
  }
}

/** Milliseconds after which rare parts are fetched in a browser that never says it has time. */
const soon = 3_000

/** PreloadRare fetches the rare parts when the page has time, so that they are there without a connection. */
export function preloadRare(): void {
  whenQuiet(() => {
    for (const preload of preloads) preload().catch(() => undefined)
  })
}

/** Milliseconds after which quiet moments begin though nobody has said that the page is settled. */
const settledWithin = 3_000

let settle: () => void = () => undefined
const settles = new Promise<void>((resolve) => {
  settle = resolve
  setTimeout(resolve, settledWithin)
})

/**
 * Settled says that what the person came for is there. Until then the page is
 * not quiet, also where it only waits for an answer: what is fetched meanwhile
 * would be in its way.
 */
export function settled(): void {
  settle()
}

function whenIdle(act: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(act)
  else setTimeout(act, soon)
}

/** WhenQuiet does something when what the person came for is there, and the page has nothing else to do. */
export function whenQuiet(act: () => void): void {
  void settles.then(() => whenIdle(act))
}
