import { createStore, type StoreApi } from 'zustand/vanilla'
import type {
  Confirmation,
  Credentials,
  LinkPassword,
  NewPicture,
  PasswordChange,
  ProfileChange,
  Self,
  SessionInfo,
  SessionList,
  Setup,
  SignedIn,
} from '../protocol/types'
import { CallError, call, type Method } from './rest'

export type SessionState =
  /** Not known yet whether the refresh cookie still holds; and who was signed in, where that is remembered. */
  | { phase: 'restoring'; user?: Self }
  | { phase: 'out' }
  | { phase: 'in'; user: Self }
  /** Was signed in and the server no longer takes it: sign in again, in place. */
  | { phase: 'expired'; user: Self }

export type RefreshOutcome = 'renewed' | 'refused' | 'unreachable'

/**
 * The storage key that says a refresh cookie may exist, and whose: what the
 * server says about the person, or 1 when nothing of theirs may be shown before
 * it has been asked. It holds no secret.
 */
export const signedInKey = 'parley.signedIn'

/** A token this close to its end, in milliseconds, is renewed before it is used. */
const renewAhead = 60_000

/**
 * Session holds who is signed in. The access token lives in memory only; the
 * refresh token is an HttpOnly cookie that no script can read.
 */
export class Session {
  readonly state: StoreApi<SessionState>
  #token = ''
  #expiresAt = 0
  #refreshing: Promise<RefreshOutcome> | undefined
  /** Counts how often it was ended here: what was asked before is not wanted any more. */
  #ends = 0
  readonly #storage: Storage

  constructor(storage: Storage) {
    this.#storage = storage
    const user = parse(storage.getItem(signedInKey))
    this.state = createStore<SessionState>(() => ({ phase: 'restoring', ...(user && { user }) }))
  }

  /**
   * Restore signs in with the refresh cookie after a reload. Without a trace
   * of an earlier sign-in no request is made. When the server cannot be
   * reached the phase stays `restoring`: call it again later.
   */
  async restore(): Promise<RefreshOutcome> {
    if (this.#storage.getItem(signedInKey) === null) {
      this.state.setState({ phase: 'out' }, true)
      return 'refused'
    }
    return this.refresh()
  }

  /** Register makes an account; the credentials may hold an invitation. */
  async register(credentials: Credentials): Promise<void> {
    this.#accept(await call<SignedIn>('POST', '/register', credentials))
  }

  /** SetUp makes the server's first owner, with the token of the link that it printed. */
  async setUp(setup: Setup): Promise<void> {
    this.#accept(await call<SignedIn>('POST', '/setup', setup))
  }

  /** Reset sets a new password with the token of a reset link. */
  async reset(wanted: LinkPassword): Promise<void> {
    this.#accept(await call<SignedIn>('POST', '/reset', wanted))
  }

  async signIn(credentials: Credentials): Promise<void> {
    this.#accept(await call<SignedIn>('POST', '/login', credentials))
  }

  /** ChangeProfile changes the person's name or handle. */
  async changeProfile(change: ProfileChange): Promise<void> {
    this.#called(await this.call<Self>('PATCH', '/me', change))
  }

  /** SetPicture shows an image, a file in base64, beside the person's name. */
  async setPicture(image: string): Promise<void> {
    this.#called(await this.call<Self>('PUT', '/me/picture', { image } satisfies NewPicture))
  }

  async removePicture(): Promise<void> {
    this.#called(await this.call<Self>('DELETE', '/me/picture'))
  }

  /** Takes how the person is shown now. */
  #called(user: Self): void {
    if (this.state.getState().phase === 'in') this.#isIn(user)
  }

  /** ChangePassword sets a new password and ends all other sessions. */
  changePassword(change: PasswordChange): Promise<void> {
    return this.call('PUT', '/me/password', change)
  }

  /** Sessions is where the person is signed in, the last used first. */
  async sessions(): Promise<SessionInfo[]> {
    return (await this.call<SessionList>('GET', '/me/sessions')).sessions
  }

  endSession(id: string): Promise<void> {
    return this.call('DELETE', `/me/sessions/${encodeURIComponent(id)}`)
  }

  endOtherSessions(): Promise<void> {
    return this.call('DELETE', '/me/other-sessions')
  }

  /** DeleteAccount deletes the account for good. What was said stays, by a deleted user. */
  async deleteAccount(password: string): Promise<void> {
    await this.call('DELETE', '/me', { password } satisfies Confirmation)
    this.end()
  }

  /** SignOut ends the session here even when the server cannot be told. */
  async signOut(): Promise<void> {
    const token = this.#token
    const refreshing = this.#refreshing
    this.end()
    // It is given another cookie, which has to go as well.
    await refreshing
    await call('POST', '/logout', undefined, token).catch(() => undefined)
  }

  /** End forgets the session on this page, because another tab signed out. */
  end(): void {
    this.#ends++
    this.#token = ''
    this.#storage.removeItem(signedInKey)
    this.state.setState({ phase: 'out' }, true)
  }

  /** Token is the access token in use; empty when signed out. */
  token(): string {
    return this.#token
  }

  /** Stale reports whether the token should be renewed before the next use. */
  stale(): boolean {
    return Date.now() > this.#expiresAt - renewAhead
  }

  /**
   * Refresh exchanges the cookie for a new access token. Calls at the same
   * time share one exchange, in this tab and, by a lock, in all tabs: a refresh
   * token is used once only, and a second use would end the session.
   */
  refresh(): Promise<RefreshOutcome> {
    const ends = this.#ends
    this.#refreshing ??= exclusively('parley.refresh', () => this.#exchange(ends)).finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #exchange(ends: number): Promise<RefreshOutcome> {
    if (ends !== this.#ends) return 'refused'
    try {
      const answer = await call<SignedIn>('POST', '/refresh')
      if (ends !== this.#ends) return 'refused'
      this.#accept(answer)
      return 'renewed'
    } catch (error) {
      if (ends !== this.#ends) return 'refused'
      if (!(error instanceof CallError) || (error.status !== 401 && error.status !== 403))
        return 'unreachable'
      this.#refused()
      return 'refused'
    }
  }

  #refused(): void {
    const state = this.state.getState()
    if (state.phase === 'in' || state.phase === 'expired') {
      this.#storage.setItem(signedInKey, '1')
      this.state.setState({ phase: 'expired', user: state.user }, true)
      return
    }
    this.#storage.removeItem(signedInKey)
    this.state.setState({ phase: 'out' }, true)
  }

  /** Call makes a REST call as the signed-in person; a refused token is renewed once. */
  async call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
    // Nothing is known of the session yet.
    if (this.#token === '' && (await this.refresh()) === 'unreachable') throw new CallError('offline', '')
    try {
      return await call<Answer>(method, path, body, this.#token)
    } catch (error) {
      if (!(error instanceof CallError) || error.status !== 401) throw error
      if ((await this.refresh()) !== 'renewed') throw error
      return call<Answer>(method, path, body, this.#token)
    }
  }

  #accept(answer: SignedIn): void {
    this.#token = answer.token
    this.#expiresAt = answer.expiresAt
    this.#isIn(answer.user)
  }

  #isIn(user: Self): void {
    this.#storage.setItem(signedInKey, JSON.stringify(user))
    this.state.setState({ phase: 'in', user }, true)
  }
}

function parse(remembered: string | null): Self | undefined {
  try {
    const user = JSON.parse(remembered ?? '') as Partial<Self> | number
    return typeof user === 'object' && typeof user?.id === 'number' ? (user as Self) : undefined
  } catch {
    return undefined
  }
}

/**
 * Exclusively runs the task while no other tab of this origin runs one of the
 * same name. Browsers offer the lock only on https and localhost; elsewhere
 * the tabs are not kept apart.
 */
async function exclusively<T>(name: string, task: () => Promise<T>): Promise<T> {
  if (!globalThis.navigator?.locks) return task()
  return navigator.locks.request(name, task)
}
