import { useEffect } from 'react'

/** UseTitle names the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title
  }, [title])
}
