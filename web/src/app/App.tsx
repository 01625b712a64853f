import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { StoreApi } from 'zustand/vanilla'
import type { Session } from '../connection/session'
import type { Workspace } from '../conversation/workspace'
import { Mark } from '../design/Mark'
import { AuthPage } from '../features/auth/AuthPage'
import { linkOf, roomLinkPath, roomTokenOf } from '../features/auth/link'
import { SignInAgain } from '../features/auth/SignInAgain'
import { FollowLink } from '../features/rooms/dialogs'
import { WorkspaceProvider } from '../features/workspace'
import { t, useLanguage } from '../text/text'
import styles from './App.module.css'
import { Shell } from './Shell'

interface Props {
  session: Session
  current: StoreApi<Workspace | undefined>
}

/**
 * App shows what the session allows: a moment of waiting, the sign-in, or the
 * rooms. Everything below renders anew in another language, and keeps its state.
 */
export function App({ session, current }: Props) {
  useLanguage()
  const state = useStore(session.state)
  const workspace = useStore(current)
  const [link, setLink] = useState(() => linkOf(location))
  const [token, setToken] = useState(() => roomTokenOf(location))
  const [fresh, setFresh] = useState(false)
  const done = () => {
    history.replaceState(null, '', '/')
    setFresh(link?.purpose === 'setUp')
    setLink(undefined)
  }
  if (link) return <AuthPage session={session} link={link} onDone={done} />
  if (state.phase === 'out') return <AuthPage session={session} />
  if (!workspace) return <Opening />
  return (
    <WorkspaceProvider value={workspace} key={workspace.user.id}>
      <Shell fresh={fresh} />
      {token && (
        <FollowLink
          token={token}
          onClose={() => {
            setToken(undefined)
            if (location.pathname === roomLinkPath) history.replaceState(null, '', '/')
          }}
        />
      )}
      {state.phase === 'expired' && <SignInAgain session={session} user={state.user} />}
    </WorkspaceProvider>
  )
}

/** How long, in milliseconds, restoring a session may take before a word is said about it. */
const patience = 3_000

function Opening() {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patience)
    return () => clearTimeout(timer)
  }, [])
  return (
    <main className={styles.opening}>
      <Mark size={36} />
      <p role="status">{t(late ? 'app.unreachable' : 'app.loading')}</p>
    </main>
  )
}
