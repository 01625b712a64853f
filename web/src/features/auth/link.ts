import type { Purpose } from './credentials'

/** A link that the server or an admin handed out: what it is for, and its token. */
export interface AuthLink {
  purpose: Purpose
  token: string
}

const links: Record<string, { parameter: string; purpose: Purpose }> = {
  '/setup': { parameter: 'token', purpose: 'setUp' },
  '/reset': { parameter: 'token', purpose: 'reset' },
  '/join': { parameter: 'invite', purpose: 'signUp' },
}

/**
 * LinkOf reads such a link from an address. The token stands behind #, which
 * browsers send to nobody.
 */
export function linkOf({ pathname, hash }: Pick<Location, 'pathname' | 'hash'>): AuthLink | undefined {
  const link = links[pathname]
  const token = link && new URLSearchParams(hash.slice(1)).get(link.parameter)
  return token ? { purpose: link.purpose, token } : undefined
}

/** Where links into rooms lead; the page behind it is any. */
export const roomLinkPath = '/room'

/** RoomTokenOf reads the token of a link into a room. It waits until somebody is signed in. */
export function roomTokenOf({ pathname, hash }: Pick<Location, 'pathname' | 'hash'>): string | undefined {
  if (pathname !== roomLinkPath) return undefined
  return new URLSearchParams(hash.slice(1)).get('link') || undefined
}
