import { wait } from '../connection/backoff'
import type { ErrorInfo, Refusal, SendAck } from '../protocol/types'
import { isFinal } from './outgoing'
import { newCid } from './uuid'

/**
 * Amendment is a change of one message on its way: another text, or none when
 * the message is to be deleted. It is sent like a message: the same cid again
 * until the answer is ok or a final code.
 */
export interface Amendment {
  cid: string
  targetSeq: number
  /** What the message is to say; undefined to delete it. */
  text: string | undefined
  phase: 'waiting' | 'sending' | 'sent' | 'failed'
  /** A copy may have reached the server. */
  tried: boolean
  /** Of a sent one: the place of its event. */
  seq?: number
  /** Of a failed one: why. */
  error?: ErrorInfo
}

export interface AmendmentsNeeds {
  send(amendment: Amendment, retry: boolean): Promise<SendAck | Refusal>
  /** Called after every change of {@link Amendments.list}. */
  changed(): void
}

const retryBounds = { first: 1_000, most: 30_000 }

/**
 * Amendments sends the changes of one room's messages, one at a time, in the
 * order in which they were made. A message has one at most: a newer one takes
 * the place of one that waits. It sends only while open, and lives as long as
 * the page.
 */
export class Amendments {
  readonly #needs: AmendmentsNeeds
  #list: readonly Amendment[] = []
  #open = false
  #inFlight = false
  #tries = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(needs: AmendmentsNeeds) {
    this.#needs = needs
  }

  /** Changes on their way; replaced, never changed. */
  get list(): readonly Amendment[] {
    return this.#list
  }

  edit(targetSeq: number, text: string): void {
    this.#add(targetSeq, text)
  }

  delete(targetSeq: number): void {
    this.#add(targetSeq, undefined)
  }

  /** Retry sends a failed change as a new one, because its cid is used up. */
  retry(targetSeq: number): void {
    const failed = this.#list.find((one) => one.targetSeq === targetSeq && one.phase === 'failed')
    if (failed) this.#add(targetSeq, failed.text)
  }

  /** Discard gives up a failed change: the message is what it was. */
  discard(targetSeq: number): void {
    this.#set(this.#list.filter((one) => one.targetSeq !== targetSeq || one.phase !== 'failed'))
  }

  /** Passed says that everything up to seq is in the log, so changes made up to it show there. */
  passed(seq: number): void {
    const left = this.#list.filter((one) => one.seq === undefined || one.seq > seq)
    if (left.length < this.#list.length) this.#set(left)
  }

  open(): void {
    this.#open = true
    this.#tries = 0
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pump()
  }

  close(): void {
    this.#open = false
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #add(targetSeq: number, text: string | undefined): void {
    const amendment: Amendment = { cid: newCid(), targetSeq, text, phase: 'waiting', tried: false }
    // One that may have reached the server goes on, and the new one follows it.
    const others = this.#list.filter(
      (one) => one.targetSeq !== targetSeq || (one.tried && one.phase !== 'failed'),
    )
    this.#set([...others, amendment])
    this.#pump()
  }

  #pump(): void {
    if (!this.#open || this.#inFlight || this.#timer !== undefined) return
    const next = this.#list.find((one) => one.phase === 'waiting')
    if (next) void this.#send(next)
  }

  async #send(waiting: Amendment): Promise<void> {
    const amendment: Amendment = { ...waiting, phase: 'sending', tried: true }
    this.#replace(amendment)
    this.#inFlight = true
    try {
      this.#answered(amendment, await this.#needs.send(amendment, waiting.tried))
    } catch {
      this.#unanswered(amendment)
    }
    this.#inFlight = false
    this.#pump()
  }

  #answered(amendment: Amendment, answer: SendAck | Refusal): void {
    if (answer.ok) {
      this.#tries = 0
      this.#replace({ ...amendment, phase: 'sent', seq: (answer as SendAck).seq })
      return
    }
    const { error } = answer as Refusal
    if (!isFinal(error.code)) return this.#unanswered(amendment, error)
    this.#tries = 0
    this.#replace({ ...amendment, phase: 'failed', error })
  }

  #unanswered(amendment: Amendment, error?: ErrorInfo): void {
    this.#replace({ ...amendment, phase: 'waiting' })
    if (!this.#open) return
    const backOff = wait(this.#tries++, retryBounds)
    const delay = error?.retryAfter === undefined ? backOff : error.retryAfter * 1000
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#pump()
    }, delay)
  }

  #replace(amendment: Amendment): void {
    this.#set(this.#list.map((old) => (old.cid === amendment.cid ? amendment : old)))
  }

  #set(list: readonly Amendment[]): void {
    this.#list = list
    this.#needs.changed()
  }
}
