import { useEffect } from 'react'

/** UseTitle names the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title
  }, [title])
}

/** UseBadge puts a dot on the page's icon, and the number on that of the installed client, while there is something to see. */
export function useBadge(count: number): void {
  const shown = count > 0
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (icon) icon.href = shown ? '/favicon-unread.svg' : '/favicon.svg'
  }, [shown])
  useEffect(() => {
    navigator.setAppBadge?.(count).catch(() => undefined)
  }, [count])
  useEffect(() => () => void navigator.clearAppBadge?.().catch(() => undefined), [])
}
