import { useSyncExternalStore } from 'react'

/** UseAttention says whether the page is in front of somebody: visible, and with the focus. */
export function useAttention(): boolean {
  return useSyncExternalStore(subscribe, attentive)
}

function attentive(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus()
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('focus', changed)
  window.addEventListener('blur', changed)
  document.addEventListener('visibilitychange', changed)
  return () => {
    window.removeEventListener('focus', changed)
    window.removeEventListener('blur', changed)
    document.removeEventListener('visibilitychange', changed)
  }
}
