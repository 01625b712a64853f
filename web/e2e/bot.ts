import { io, type Socket } from 'socket.io-client'
import type {
  Event,
  PageAck,
  PeoplePage,
  RoomInfo,
  SendAck,
  SignedIn,
  StatusRequest,
} from '../src/protocol/types'

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
    const answer = await send<SignedIn>('POST', `${url}/api/v1/register`, { email: address(name), password })
    return new Bot(url, answer)
  }

  createRoom(name: string): Promise<RoomInfo> {
    return this.#post('/rooms', { name })
  }

  /** Direct is the room of this person and another one. */
  async direct(handle: string): Promise<RoomInfo> {
    const url = `${this.#url}/api/v1/people?search=${handle}`
    const { people } = await send<PeoplePage>('GET', url, undefined, this.#token)
    return this.#post('/directs', { userId: people.find((person) => person.handle === handle)?.id })
  }

  say(room: number, messageText: string): Promise<SendAck> {
    return this.#post(`/rooms/${room}/messages`, { messageText, cid: crypto.randomUUID() })
  }

  /** Erase deletes a message. */
  async erase(room: number, seq: number): Promise<void> {
    const path = `/rooms/${room}/messages/${seq}?cid=${crypto.randomUUID()}`
    await send('DELETE', `${this.#url}/api/v1${path}`, undefined, this.#token)
  }

  /** Join becomes a member, and online, until {@link leave}. */
  async join(room: number): Promise<void> {
    const ack = await this.#connected.emitWithAck('joinRoom', { roomId: room })
    if (!ack.ok) throw new Error(`joinRoom: ${JSON.stringify(ack)}`)
  }

  /** Enter becomes a member who does not listen. */
  async enter(room: number): Promise<void> {
    await this.join(room)
    await this.#connected.emitWithAck('leaveRoom', { roomId: room })
  }

  /** Quit is no member any more. */
  async quit(room: number): Promise<void> {
    await this.#post(`/rooms/${room}/leave`, {})
  }

  /** Tell is {@link say} by socket: as fast as a person may, over cuts too, and once. */
  async tell(room: number, messageText: string): Promise<void> {
    const message = { roomId: room, cid: crypto.randomUUID(), messageText }
    for (let retry = false; ; retry = true) {
      const ack = await this.#connected
        .timeout(15_000)
        .emitWithAck('sendMessage', { ...message, ...(retry && { retry }) })
        .catch(() => undefined)
      if (ack?.ok) return
      const again = !ack || ['rate_limited', 'busy', 'unavailable', 'unknown'].includes(ack.error.code)
      if (!again) throw new Error(`sendMessage: ${JSON.stringify(ack)}`)
      await new Promise((resolve) => setTimeout(resolve, 1000 * (ack?.error.retryAfter ?? 0.2)))
    }
  }

  /** History is what was said in the room, from its beginning, as the server has it. */
  async history(room: number): Promise<string[]> {
    const messages: Event[] = []
    for (let more = true; more; ) {
      const after = messages.at(-1)?.seq ?? 1
      const path = `/rooms/${room}/messages?after=${after}&limit=200`
      const page = await send<PageAck>('GET', `${this.#url}/api/v1${path}`, undefined, this.#token)
      messages.push(...page.events)
      more = page.moreAfter
    }
    return messages.filter(({ kind }) => kind === 'message').map(({ messageText = '' }) => messageText)
  }

  get #connected(): Socket {
    this.#socket ??= io(this.#url, { auth: { token: this.#token }, transports: ['websocket'] })
    return this.#socket
  }

  leave(): void {
    this.#socket?.disconnect()
    this.#socket = undefined
  }

  /** Show chooses how others see the person: online, away or dnd, and whether when they were last seen. */
  async show(status: StatusRequest): Promise<void> {
    await send('PATCH', `${this.#url}/api/v1/me/status`, status, this.#token)
  }

  /** Rename chooses the name that others see. */
  async rename(name: string): Promise<void> {
    await send('PATCH', `${this.#url}/api/v1/me`, { name }, this.#token)
  }

  #post<Answer>(path: string, body: unknown): Promise<Answer> {
    return send<Answer>('POST', `${this.#url}/api/v1${path}`, body, this.#token)
  }
}

export function address(name: string): string {
  return `${name}@example.org`
}

async function send<Answer>(method: string, url: string, body?: unknown, token?: string): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (answer.status === 429 || answer.status === 503) {
    const seconds = Number(answer.headers.get('Retry-After') ?? 1)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    return send(method, url, body, token)
  }
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`)
  return JSON.parse(text) as Answer
}
