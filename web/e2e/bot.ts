import { io, type Socket } from 'socket.io-client'
import type { RoomInfo, SendAck, SignedIn } from '../src/protocol/types'

export const password = 'correct horse battery'

/** Bot is a person without a browser: says things by REST, is in rooms by socket. */
export class Bot {
  readonly user: SignedIn['user']
  readonly #url: string
  readonly #token: string
  #socket: Socket | undefined

  private constructor(url: string, answer: SignedIn) {
    this.#url = url
    this.#token = answer.token
    this.user = answer.user
  }

  static async register(url: string, name: string): Promise<Bot> {
    const answer = await post<SignedIn>(`${url}/api/v1/register`, { email: address(name), password })
    return new Bot(url, answer)
  }

  createRoom(name: string): Promise<RoomInfo> {
    return this.#post('/rooms', { name })
  }

  say(room: number, messageText: string): Promise<SendAck> {
    return this.#post(`/rooms/${room}/messages`, { messageText, cid: crypto.randomUUID() })
  }

  /** Join becomes a member, and online, until {@link leave}. */
  async join(room: number): Promise<void> {
    this.#socket ??= io(this.#url, { auth: { token: this.#token }, transports: ['websocket'] })
    const ack = await this.#socket.emitWithAck('joinRoom', { roomId: room })
    if (!ack.ok) throw new Error(`joinRoom: ${JSON.stringify(ack)}`)
  }

  leave(): void {
    this.#socket?.disconnect()
    this.#socket = undefined
  }

  #post<Answer>(path: string, body: unknown): Promise<Answer> {
    return post<Answer>(`${this.#url}/api/v1${path}`, body, this.#token)
  }
}

export function address(name: string): string {
  return `${name}@example.org`
}

async function post<Answer>(url: string, body: unknown, token?: string): Promise<Answer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (answer.status === 429 || answer.status === 503) {
    const seconds = Number(answer.headers.get('Retry-After') ?? 1)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    return post(url, body, token)
  }
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${text}`)
  return JSON.parse(text) as Answer
}
