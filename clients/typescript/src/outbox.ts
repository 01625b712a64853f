import { Backoff } from './backoff.js'
import { newCid } from './cid.js'
import { Refused, Undecided } from './error.js'
import {
  DeleteMessage,
  type DeleteRequest,
  EditMessage,
  type EditRequest,
  type ErrorInfo,
  type Event,
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

/**
 * Outgoing is a draft on its way. Its life:
 *
 *     waiting ──▶ sending ──ok──▶ sent (until its event is here)
 *        ▲           │
 *        ├─────── busy, unknown, rate_limited, unavailable, lost connection
 *        │           └──final code──▶ failed ──retry──▶ a new one
 *
 * Until the answer is ok or a final code, the same cid is sent again.
 */
export type Outgoing = Draft & {
  cid: string
  roomId: number
  /** When it was added, ms UTC. */
  at: number
  phase: 'waiting' | 'sending' | 'sent' | 'failed'
  /** A copy may have reached the server: the next try says retry. */
  tried: boolean
  /** Of a sent one: the place of its event. */
  seq?: number
  /** Of a failed one: why. */
  error?: ErrorInfo
  /** Of a waiting one that was refused for now: why, and when it is tried again, ms UTC. */
  refused?: { code: string; until: number }
}

/**
 * Keep is where what is on its way outlives the program. Save returns when it is
 * kept; what could not be kept is sent all the same.
 */
export interface Keep {
  save(outgoing: Outgoing): void
  drop(outgoing: Pick<Outgoing, 'roomId' | 'cid'>): void
}

/** What an outbox needs. Ask gives undefined when no answer came. */
export interface OutboxNeeds {
  roomId: number
  ask(event: string, payload: unknown, tell: (answer: SendAck | Refusal | undefined) => void): void
  /** Whether something may be sent now. */
  open(): boolean
  keep?: Keep
  /** Called after every change of {@link Outbox.list}. */
  changed?(): void
}

interface Waiter {
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
  readonly #waiters = new Map<string, Waiter>()
  #list: readonly Outgoing[]
  #sending = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Kept is what a {@link Keep} has of the room, from a former run of the program. */
  constructor(needs: OutboxNeeds, kept: readonly Outgoing[] = []) {
    this.#needs = needs
    // Nothing of it is under way any more.
    this.#list = kept.map((one) => (one.phase === 'sending' ? { ...one, phase: 'waiting' } : one))
  }

  /** What is on its way, and what was sent or has failed until it is let go; replaced, never changed. */
  get list(): readonly Outgoing[] {
    return this.#list
  }

  /** Add takes a draft, and sends it when its turn comes. */
  add(draft: Draft, { cid = newCid(), retry = false }: Attempt = {}): Outgoing {
    const { roomId } = this.#needs
    const outgoing: Outgoing = { ...draft, cid, roomId, at: Date.now(), phase: 'waiting', tried: retry }
    this.#needs.keep?.save(outgoing)
    this.#set([...this.#list, outgoing])
    this.#pump()
    return outgoing
  }

  /**
   * Decided resolves when what was just added is durable, and rejects with
   * {@link Refused} when it never will be.
   */
  decided(cid: string): Promise<SendAck> {
    return new Promise((resolve, reject) => this.#waiters.set(cid, { resolve, reject }))
  }

  /** Retry sends a failed draft as a new one, because its cid is used up. */
  retry(cid: string): void {
    const failed = this.#find(cid)
    if (failed?.phase !== 'failed') return
    this.drop(cid)
    this.add(draftOf(failed))
  }

  /** Drop takes back what is {@link droppable}, and lets go of what was sent. */
  drop(cid: string): void {
    const outgoing = this.#find(cid)
    if (outgoing && (outgoing.phase === 'sent' || droppable(outgoing))) this.#forget(cid)
  }

  /** Seen says that an event of the person is here, which proves it durable. */
  seen({ cid = '', id = '', seq = 0, cursor = '', at = 0 }: Event): void {
    if (!this.#find(cid)) return
    this.#forget(cid)
    this.#take(cid)?.resolve({ ok: true, id, seq, cursor, at })
  }

  /** Elsewhere says that another program of the person has taken care of it. */
  elsewhere(cid: string): void {
    if (!this.#find(cid)) return
    this.#forget(cid)
    this.#take(cid)?.reject(new Undecided(cid, new Error('Another program has sent it.')))
  }

  /** Passed says that everything up to seq is here: what was sent up to it needs no place any more. */
  passed(seq: number): void {
    const left = this.#list.filter((one) => one.seq === undefined || one.seq > seq)
    if (left.length < this.#list.length) this.#set(left)
  }

  /** Opened says that something may be sent from now on; what waited for its next try goes at once. */
  opened(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pump()
  }

  /** End decides what can be decided: what was never on its way was not sent. What is kept stays kept. */
  end(error: Error): void {
    clearTimeout(this.#timer)
    for (const { cid, tried } of this.#list) {
      this.#take(cid)?.reject(tried ? new Undecided(cid, error) : error)
    }
  }

  /** Sends the first draft, if it may be sent now. */
  #pump(): void {
    if (this.#sending || this.#timer !== undefined || !this.#needs.open()) return
    const waiting = this.#list.find(({ phase }) => phase === 'waiting')
    if (!waiting) return
    const { refused: _, ...draft } = waiting
    const sending: Outgoing = { ...draft, phase: 'sending', tried: true }
    // Kept as tried before it leaves: after a crash in between, the next run
    // must know that a copy may exist.
    this.#needs.keep?.save(sending)
    this.#sending = true
    this.#replace(sending)
    this.#needs.ask(waiting.event, requestOf(waiting), (answer) => {
      this.#sending = false
      this.#answered(sending, answer)
    })
  }

  #answered(sending: Outgoing, answer: SendAck | Refusal | undefined): void {
    if (!answer) return this.#again(sending)
    if (answer.ok) {
      const ack = answer as SendAck
      this.#needs.keep?.drop(sending)
      return this.#decide({ ...sending, phase: 'sent', seq: ack.seq }, (waiter) => waiter.resolve(ack))
    }
    const { error } = answer as Refusal
    const refused = new Refused(error)
    if (!refused.final) return this.#again(sending, refused)
    const failed: Outgoing = { ...sending, phase: 'failed', error }
    // Its event may have come first and removed it; then it stays removed.
    if (this.#find(sending.cid)) this.#needs.keep?.save(failed)
    this.#decide(failed, (waiter) => waiter.reject(refused))
  }

  #decide(outgoing: Outgoing, tell: (waiter: Waiter) => void): void {
    this.#wait.reset()
    this.#replace(outgoing)
    const waiter = this.#take(outgoing.cid)
    if (waiter) tell(waiter)
    this.#pump()
  }

  /** Its fate is open: it waits to be tried again, unless it was decided meanwhile. */
  #again(sending: Outgoing, refused?: Refused): void {
    if (!this.#find(sending.cid)) return this.#pump()
    const delay = this.#wait.next(refused?.retryAfter)
    this.#timer = setTimeout(() => this.opened(), delay)
    const why = refused && { refused: { code: refused.code, until: Date.now() + delay } }
    this.#replace({ ...sending, phase: 'waiting', ...why })
  }

  #find(cid: string): Outgoing | undefined {
    return this.#list.find((outgoing) => outgoing.cid === cid)
  }

  #take(cid: string): Waiter | undefined {
    const waiter = this.#waiters.get(cid)
    this.#waiters.delete(cid)
    return waiter
  }

  #replace(outgoing: Outgoing): void {
    if (!this.#find(outgoing.cid)) return
    this.#set(this.#list.map((old) => (old.cid === outgoing.cid ? outgoing : old)))
  }

  #forget(cid: string): void {
    this.#needs.keep?.drop({ roomId: this.#needs.roomId, cid })
    this.#set(this.#list.filter((outgoing) => outgoing.cid !== cid))
  }

  #set(list: readonly Outgoing[]): void {
    this.#list = list
    this.#needs.changed?.()
  }
}

/** Droppable reports whether it can be taken back: nothing of it can have reached the server, or it had no effect. */
export function droppable({ phase, tried }: Pick<Outgoing, 'phase' | 'tried'>): boolean {
  return phase === 'failed' || (phase === 'waiting' && !tried)
}

function draftOf(outgoing: Outgoing): Draft {
  switch (outgoing.event) {
    case SendMessage:
      return { event: outgoing.event, text: outgoing.text }
    case EditMessage:
      return { event: outgoing.event, text: outgoing.text, target: outgoing.target }
    case DeleteMessage:
      return { event: outgoing.event, target: outgoing.target }
  }
}

/** RequestOf is the request for a draft that is about to be sent, as a retry when it was tried before. */
function requestOf(outgoing: Outgoing): object {
  const { roomId, cid, tried } = outgoing
  const attempt = { roomId, cid, ...(tried && { retry: true }) }
  switch (outgoing.event) {
    case SendMessage:
      return { ...attempt, messageText: outgoing.text } satisfies SendRequest
    case EditMessage:
      return {
        ...attempt,
        targetSeq: outgoing.target,
        messageText: outgoing.text,
      } satisfies EditRequest
    case DeleteMessage:
      return { ...attempt, targetSeq: outgoing.target } satisfies DeleteRequest
  }
}
