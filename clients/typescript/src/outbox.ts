import { Backoff } from './backoff.js'
import { newCid } from './cid.js'
import { Refused, Undecided } from './error.js'
import {
  DeleteMessage,
  type DeleteRequest,
  EditMessage,
  type EditRequest,
  type Refusal,
  type SendAck,
  SendMessage,
  type SendRequest,
} from './protocol.js'

/** Names of something to be sent. */
export interface Attempt {
  /** Names the event, so that it happens once; made when absent. */
  cid?: string
  /** This cid may have been sent before, by a former run of the program. */
  retry?: boolean
}

/** What is sent to a room: a message, or a change to one. */
export type Draft =
  | { event: typeof SendMessage; text: string }
  | { event: typeof EditMessage; text: string; target: number }
  | { event: typeof DeleteMessage; target: number }

/** What an outbox needs. Ask gives undefined when no answer came. */
export interface OutboxNeeds {
  roomId: number
  ask(event: string, payload: unknown, tell: (answer: SendAck | Refusal | undefined) => void): void
  /** Whether something may be sent now. */
  open(): boolean
}

/** Outgoing is a draft until it is decided. */
interface Outgoing {
  draft: Draft
  cid: string
  /** A copy may have reached the server. */
  tried: boolean
  resolve(ack: SendAck): void
  reject(error: Error): void
}

/**
 * Outbox sends the drafts of one room in their order, one unacknowledged at a
 * time: the first is tried again before anything behind it is sent, so the order
 * stands whatever fails.
 */
export class Outbox {
  readonly #needs: OutboxNeeds
  readonly #wait = new Backoff(300, 15_000)
  #waiting: Outgoing[] = []
  #sending = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(needs: OutboxNeeds) {
    this.#needs = needs
  }

  /** Add resolves when the event is durable, and rejects with {@link Refused} when it never will be. */
  add(draft: Draft, attempt: Attempt): Promise<SendAck> {
    return new Promise((resolve, reject) => {
      const { cid = newCid(), retry = false } = attempt
      this.#waiting.push({ draft, cid, tried: retry, resolve, reject })
      this.#pump()
    })
  }

  /** Opened says that something may be sent from now on; what waited for its next try goes at once. */
  opened(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pump()
  }

  /** Sends the first draft, if it may be sent now. */
  #pump(): void {
    const first = this.#waiting[0]
    if (!first || this.#sending || this.#timer !== undefined || !this.#needs.open()) return
    const request = requestOf(first, this.#needs.roomId)
    first.tried = true
    this.#sending = true
    this.#needs.ask(first.draft.event, request, (answer) => {
      this.#sending = false
      if (this.#waiting[0] === first) this.#answered(first, answer)
    })
  }

  #answered(first: Outgoing, answer: SendAck | Refusal | undefined): void {
    const refused = answer && !answer.ok ? new Refused((answer as Refusal).error) : undefined
    if (answer?.ok || refused?.final) {
      this.#wait.reset()
      this.#waiting.shift()
      if (refused) first.reject(refused)
      else first.resolve(answer as SendAck)
      this.#pump()
      return
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#pump()
    }, this.#wait.next(refused?.retryAfter))
  }

  /** End decides what can be decided: what was never on its way was not sent. */
  end(error: Error): void {
    clearTimeout(this.#timer)
    for (const { cid, tried, reject } of this.#waiting.splice(0)) {
      reject(tried ? new Undecided(cid, error) : error)
    }
  }
}

function requestOf({ draft, cid, tried }: Outgoing, roomId: number): object {
  const attempt = { roomId, cid, ...(tried && { retry: true }) }
  switch (draft.event) {
    case SendMessage:
      return { ...attempt, messageText: draft.text } satisfies SendRequest
    case EditMessage:
      return { ...attempt, targetSeq: draft.target, messageText: draft.text } satisfies EditRequest
    case DeleteMessage:
      return { ...attempt, targetSeq: draft.target } satisfies DeleteRequest
  }
}
