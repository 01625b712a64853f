import type { StoreApi } from 'zustand/vanilla'
import type { Workspace } from '../conversation/workspace'
import { offer } from '../features/notices/toast'
import { t } from '../text/text'

/** The build that this page is of, as its address says; undefined in development. */
const own = /\/assets\/([0-9a-f]{16})\//.exec(import.meta.url)?.[1]

/** The header of the page by which a server names its build. */
const versionHeader = 'Parley-Client'

const workerPath = '/sw.js'
/** What the names of the worker's caches begin with. */
const shellPrefix = 'parley-shell-'

/**
 * KeepUp has the page open without a network from now on, where the browser can
 * do that, and says when the server has another version of the client: after
 * each connect, and when a piece of this one cannot be fetched.
 */
export function keepUp(current: StoreApi<Workspace | undefined>): void {
  if (own === undefined) return
  sessionStorage.removeItem('parley.tried')
  void install()
  let end: (() => void) | undefined
  const follow = (workspace: Workspace | undefined) => {
    end?.()
    end = workspace?.client.watch(({ phase }) => {
      if (phase === 'up') void look()
    })
    if (workspace?.client.state.phase === 'up') void look()
  }
  current.subscribe(follow)
  follow(current.getState())
  window.addEventListener('vite:preloadError', () => void look())
}

/** The version that was offered last: who has closed the note wants to read it no second time. */
let offered = own

/** Asks the server for its version. A proxy's own page, or an older server, names none. */
async function look(): Promise<void> {
  const answer = await fetch('/', { method: 'HEAD', cache: 'no-store' }).catch(() => undefined)
  const served = answer?.headers.get(versionHeader)
  if (!answer?.ok || !served || served === offered) return
  offered = served
  if (served === own) return
  // So that it opens without a network, too, once it is reloaded.
  void navigator.serviceWorker?.getRegistration().then((worker) => worker?.update().catch(() => undefined))
  offer(t('version.new'), t('version.reload'), () => location.reload())
}

async function install(): Promise<void> {
  const workers = navigator.serviceWorker
  // Browsers have none on pages that came over plain http, but for localhost.
  if (!workers) return
  try {
    const worker = await workers.register(trusted(workerPath), { updateViaCache: 'none' })
    // One that is there already is not asked for again by that.
    if (worker.active) await worker.update()
  } catch {
    await retire().catch(() => undefined)
  }
}

/** Lets go of a worker, and of what it keeps, when the server has none any more. */
async function retire(): Promise<void> {
  const { status } = await fetch(workerPath, { method: 'HEAD', cache: 'no-store' })
  if (status !== 404) return
  await (await navigator.serviceWorker.getRegistration())?.unregister()
  for (const name of await caches.keys()) if (name.startsWith(shellPrefix)) await caches.delete(name)
}

/** What is missing in the types of the platform. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string }
}

/** The policy of the page takes scripts only from who is named in it. */
function trusted(path: string): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes }
  if (!trustedTypes) return path
  return trustedTypes.createPolicy('parley-worker', { createScriptURL: () => path }).createScriptURL(path)
}
