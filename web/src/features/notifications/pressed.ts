/**
 * OnPressed acts when somebody has pressed a notification that the service worker
 * showed, and it has chosen this page to go where that leads, see public/sw.js.
 */
export function onPressed(act: (address: string | undefined) => void): () => void {
  const workers = navigator.serviceWorker
  const hear = ({ data, ports }: MessageEvent) => {
    if (data?.kind !== 'pressed') return
    ports[0]?.postMessage('going')
    act(data.address)
  }
  workers?.addEventListener('message', hear)
  return () => workers?.removeEventListener('message', hear)
}
