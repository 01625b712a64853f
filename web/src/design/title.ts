import { useEffect } from 'react'

/** UseTitle names the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title
  }, [title])
}

/** UseBadge puts a dot on the page's icon while there is something to see. */
export function useBadge(shown: boolean): void {
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (icon) icon.href = shown ? '/favicon-unread.svg' : '/favicon.svg'
  }, [shown])
}
