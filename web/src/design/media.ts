import { useSyncExternalStore } from 'react'

interface Media {
  subscribe(changed: () => void): () => void
  matches(): boolean
}

const known = new Map<string, Media>()

/** UseMedia follows a media query. */
export function useMedia(query: string): boolean {
  const { subscribe, matches } = known.get(query) ?? follow(query)
  return useSyncExternalStore(subscribe, matches)
}

function follow(query: string): Media {
  const list = matchMedia(query)
  const media: Media = {
    subscribe: (changed) => {
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    matches: () => list.matches,
  }
  known.set(query, media)
  return media
}
