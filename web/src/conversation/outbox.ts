import { wait } from '../connection/backoff'
import type { ErrorInfo, Refusal, SendAck } from '../protocol/types'
import type { Keep } from './keep'
import { again, begin, canDelete, failed, isFinal, type Outgoing, reloaded, sent } from './outgoing'
import { newCid } from './uuid'

/** What an outbox needs. Send resolves with the server's answer and rejects when none came. */
export interface OutboxNeeds {
  send(message: Outgoing, retry: boolean): Promise<SendAck | Refusal>
  keep: Keep
  /** Called after every change of {@link Outbox.messages}. */
  changed(): void
}

const retryBounds = { first: 1_000, most: 30_000 }

/**
 * Outbox sends the messages of one room in the order in which they were
 * written, one unacknowledged at a time: the first one is tried again before
 * anything behind it is sent, so the order stands whatever fails. It sends
 * only while open.
 */
export class Outbox {
  readonly roomId: number
  readonly #needs: OutboxNeeds
  #messages: readonly Outgoing[]
  #open = false
  #inFlight = false
  #tries = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(roomId: number, kept: readonly Outgoing[], needs: OutboxNeeds) {
    this.roomId = roomId
    this.#needs = needs
    this.#messages = kept.map(reloaded)
  }

  /** Messages on their way, oldest first; replaced, never changed. */
  get messages(): readonly Outgoing[] {
    return this.#messages
  }

  /** Add takes a new message and sends it when its turn comes. */
  add(text: string): Outgoing {
    const message: Outgoing = {
      cid: newCid(),
      roomId: this.roomId,
      text,
      at: Date.now(),
      phase: 'waiting',
      tried: false,
    }
    this.#needs.keep.save(message)
    this.#set([...this.#messages, message])
    this.#pump()
    return message
  }

  /** Retry sends a failed message as a new one, because its cid is used up. */
  retry(cid: string): void {
    const message = this.#find(cid)
    if (message?.phase !== 'failed') return
    this.#forget(cid)
    this.add(message.text)
  }

  /** Delete takes back a message that cannot have reached the server. */
  delete(cid: string): void {
    const message = this.#find(cid)
    if (message && canDelete(message)) this.#forget(cid)
  }

  /** Seen says that the message's event has arrived, which proves it kept. */
  seen(cid: string): void {
    if (this.#find(cid)) this.#forget(cid)
  }

  /** Passed says that everything up to seq is in the log, so sent messages up to it need no place here. */
  passed(seq: number): void {
    const left = this.#messages.filter((message) => message.seq === undefined || message.seq > seq)
    if (left.length < this.#messages.length) this.#set(left)
  }

  /** Open lets messages go: the room is joined on a live connection. */
  open(): void {
    this.#open = true
    this.#tries = 0
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pump()
  }

  /** Close holds messages back. What is under way is decided by its answer or the next try. */
  close(): void {
    this.#open = false
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #pump(): void {
    if (!this.#open || this.#inFlight || this.#timer !== undefined) return
    const next = this.#messages.find((message) => message.phase === 'waiting')
    if (next) void this.#send(next)
  }

  async #send(waiting: Outgoing): Promise<void> {
    const message = begin(waiting)
    // Kept as tried before it leaves: after a crash in between, the next page
    // must know that a copy may exist.
    this.#needs.keep.save(message)
    this.#replace(message)
    this.#inFlight = true
    try {
      this.#answered(message, await this.#needs.send(message, waiting.tried))
    } catch {
      this.#unanswered(message)
    }
    this.#inFlight = false
    this.#pump()
  }

  #answered(message: Outgoing, answer: SendAck | Refusal): void {
    if (answer.ok) {
      this.#tries = 0
      this.#needs.keep.drop(message)
      this.#replace(sent(message, (answer as SendAck).seq))
      return
    }
    const { error } = answer as Refusal
    if (isFinal(error.code)) {
      this.#tries = 0
      const final = failed(message, error)
      // Its event may have come first and removed it; then it stays removed.
      if (this.#find(message.cid)) this.#needs.keep.save(final)
      this.#replace(final)
      return
    }
    this.#unanswered(message, error)
  }

  #unanswered(message: Outgoing, error?: ErrorInfo): void {
    this.#replace(again(message))
    if (!this.#open) return
    const backOff = wait(this.#tries++, retryBounds)
    const delay = error?.retryAfter === undefined ? backOff : error.retryAfter * 1000
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#pump()
    }, delay)
  }

  #find(cid: string): Outgoing | undefined {
    return this.#messages.find((message) => message.cid === cid)
  }

  #replace(message: Outgoing): void {
    if (!this.#find(message.cid)) return
    this.#set(this.#messages.map((old) => (old.cid === message.cid ? message : old)))
  }

  #forget(cid: string): void {
    this.#needs.keep.drop({ roomId: this.roomId, cid })
    this.#set(this.#messages.filter((message) => message.cid !== cid))
  }

  #set(messages: readonly Outgoing[]): void {
    this.#messages = messages
    this.#needs.changed()
  }
}
