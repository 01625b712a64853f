import type { ProblemDetails } from '../protocol/types'

/** What a REST call was refused with. Code is the server's, or `offline` when no answer came. */
export class CallError extends Error {
  readonly code: string
  readonly status: number
  /** Seconds to wait before trying again; 0 when the server named none. */
  readonly retryAfter: number

  constructor(code: string, detail: string, status = 0, retryAfter = 0) {
    super(detail)
    this.name = 'CallError'
    this.code = code
    this.status = status
    this.retryAfter = retryAfter
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const answerWithin = 15_000

/**
 * Call makes one REST call under /api/v1 and returns its JSON answer. Every
 * failure is a {@link CallError}: a problem of the server (RFC 9457), or
 * `offline` when the server could not be reached within 15 s.
 */
export async function call<Answer>(
  method: Method,
  path: string,
  body?: unknown,
  token?: string,
): Promise<Answer> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (token) headers.Authorization = `Bearer ${token}`
  let response: Response
  let text: string
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(answerWithin),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    text = await response.text()
  } catch {
    throw new CallError('offline', '')
  }
  const answer = parse(text)
  if (!response.ok) throw refusal(response, answer)
  return answer as Answer
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal(response: Response, answer: unknown): CallError {
  const problem = (answer ?? {}) as Partial<ProblemDetails>
  const seconds = problem.retryAfter ?? Number(response.headers.get('Retry-After') ?? 0)
  const code = problem.code ?? (response.status >= 500 ? 'unavailable' : 'invalid')
  return new CallError(code, problem.detail ?? problem.title ?? '', response.status, seconds || 0)
}
