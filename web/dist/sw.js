// The service worker: it opens the client when the network, or the server, is
// away. It keeps the files of the build and nothing else. What is said in rooms
// never passes through it, and what it does not know it leaves to the browser.
// Where a page cannot show notifications by itself, the worker shows them for it,
// and leads whoever presses one to what it tells of.
//
// Scripts and styles lie under a path of their own for each build, so what is
// kept of one never mixes with another, and a new worker can take over at once.

// Filled in by the server, see worker.go.
const version = '{version}'
const files = '{files}'.split(' ')

const prefix = 'parley-shell-'
const present = prefix + version

/** How long, in milliseconds, the page waits for a slow server before what is kept of it opens. */
const patience = 1_000

/** How often, and after how many milliseconds, a piece is asked for again that a server does not have. */
const tries = 3
const pause = 400

/** How long, in milliseconds, a window may take to say that it goes where a notification leads: it may have slept. */
const waking = 2_000

self.addEventListener('install', (event) => event.waitUntil(install()))
self.addEventListener('activate', (event) => event.waitUntil(activate()))
self.addEventListener('notificationclick', (event) => event.waitUntil(follow(event.notification)))
self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    if (isPage(pathname)) event.respondWith(page(event))
  } else if (isPiece(pathname)) event.respondWith(piece(request))
})

/**
 * Keeps the whole build, the page last: where that is, everything is. While
 * servers of two versions answer, it fails, and is tried again.
 */
async function install() {
  const cache = await caches.open(present)
  const index = await fetch('/', { cache: 'no-store' })
  // What came by a redirect, as from a proxy that wants to know who asks, is no page of an address.
  if (!index.ok || index.redirected || index.headers.get('Parley-Client') !== version)
    throw new Error('the page is of another version')
  await cache.addAll(files)
  await cache.put('/', index)
  await self.skipWaiting()
}

/** Lets go of the builds before the last one, of which a page may still be open. */
async function activate() {
  const earlier = (await shells()).filter((name) => name !== present)
  await Promise.all(earlier.slice(0, -1).map((name) => caches.delete(name)))
  await self.clients.claim()
}

/** The page as the server has it now; as it is kept when no answer comes, or none of the client. */
async function page(event) {
  const kept = await caches.match('/', { cacheName: present, ignoreVary: true })
  if (!kept) return fetch(event.request)
  const answer = fetch(event.request)
  event.waitUntil(answer.then(retireUnlessKnown, () => undefined))
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), patience))
  try {
    const first = await Promise.race([answer, late])
    return first.status > 500 ? kept : first
  } catch {
    return kept
  }
}

/** A server that was set back to before there was a worker does not know this one: it goes. */
async function retireUnlessKnown(answer) {
  if (!answer.ok || answer.headers.has('Parley-Client')) return
  if (!answer.headers.get('Content-Type')?.startsWith('text/html')) return
  for (const name of await shells()) await caches.delete(name)
  await self.registration.unregister()
}

function isPage(pathname) {
  return pathname === '/' || pathname.startsWith('/r/')
}

function isPiece(pathname) {
  return pathname.startsWith('/assets/') || files.includes(pathname)
}

/** A piece of the client. Behind a proxy, in the middle of an upgrade, the next server may have what this one has not. */
async function piece(request) {
  const kept = await find(request)
  if (kept) return kept
  for (let left = tries; ; left--) {
    const answer = await fetch(request)
    if (answer.status !== 404 || left === 0) return answer
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

/** What is kept, of this build or an earlier one of which a page is still open. */
async function find(request) {
  for (const name of [present, ...(await shells()).reverse()]) {
    const kept = await caches.match(request, { cacheName: name, ignoreVary: true })
    if (kept) return kept
  }
  return undefined
}

/** Names of what is kept, in the order of its coming. */
async function shells() {
  return (await caches.keys()).filter((name) => name.startsWith(prefix))
}

/** Leads to what a notification tells of: in the window that was in front last, or in a new one where there is none. */
async function follow(notification) {
  notification.close()
  const address = addressOf(notification)
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  for (const window of windows) {
    if (!isPage(new URL(window.url).pathname)) continue
    // It wakes a page that the browser has frozen, so it comes first. The system may refuse it.
    await window.focus().catch(() => undefined)
    // A page that does not answer has crashed, has nobody signed in, or is older than this worker.
    if (await told(window, address)) return
    const opened = await window.navigate(address ?? '/').catch(() => null)
    if (opened) return
  }
  await self.clients.openWindow(address ?? '/')
}

/** The room, or the message in it, that a notification tells of; undefined when it tells of several, or leads elsewhere. */
function addressOf({ data }) {
  const address = data?.address
  return typeof address === 'string' && /^\/r\/\d+(\/m\/\d+)?$/.test(address) ? address : undefined
}

/** Tells a window where a notification leads, and whether it goes there without being loaded anew. */
function told(window, address) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    setTimeout(() => resolve(false), waking)
    port1.onmessage = () => resolve(true)
    window.postMessage({ kind: 'pressed', address }, [port2])
  })
}
