import { Refused } from './error.js'
import type { Credentials, ProblemDetails, SignedIn } from './protocol.js'

/**
 * TokenSource gives the access token to connect with. It is asked before each
 * connection, and once more when the server did not take the last one or that is
 * about to end: refused is that one. The same token again then ends the client;
 * so does a {@link Refused} that is final or unauthorized. Any other error counts
 * as a server that cannot be reached.
 */
export type TokenSource = (refused?: string) => Promise<string> | string

const answerWithin = 30_000

/** Call makes one REST call. A refusal of the server is a {@link Refused}. */
export async function call<Answer>(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<Answer> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' }
  if (token) headers.Authorization = `Bearer ${token}`
  const response = await fetch(url + path, {
    method,
    headers,
    signal: AbortSignal.timeout(answerWithin),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw refusalOf(response, text)
  return (text === '' ? undefined : JSON.parse(text)) as Answer
}

/** RefusalOf reads a problem (RFC 9457); what is none was said by a proxy before the server. */
function refusalOf(response: Response, text: string): Error {
  try {
    const { code, detail, retryAfter } = JSON.parse(text) as ProblemDetails
    if (code) return new Refused({ code, message: detail, ...(retryAfter !== undefined && { retryAfter }) })
  } catch {
    // No JSON.
  }
  return new Error(`answered ${response.status}`)
}

/** Register makes an account. An address that is taken is refused with `conflict`. */
export async function register(url: string, email: string, password: string): Promise<void> {
  const account: Credentials = { email, password }
  await call<SignedIn>(url, 'POST', '/api/v1/register', account)
}

/** Password is a source that signs in, and again when the token ends. */
export function password(url: string, email: string, password: string): TokenSource {
  const account: Credentials = { email, password }
  let token: Promise<string> | undefined
  let given = ''
  return async (refused) => {
    if (given === '' || given === refused) {
      token ??= call<SignedIn>(url, 'POST', '/api/v1/login', account)
        .then((answer) => answer.token)
        .finally(() => {
          token = undefined
        })
      given = await token
    }
    return given
  }
}
