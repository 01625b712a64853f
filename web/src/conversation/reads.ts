import { type Client, isFinal } from 'parley-client'
import { createStore, type StoreApi } from 'zustand/vanilla'
import {
  type MarkAck,
  MarkRead,
  type MarkReadRequest,
  MarkUnread,
  type MarkUnreadRequest,
  type ReadMark,
  type Refusal,
  type RoomInfo,
  type Standing,
} from '../protocol/types'

/** How far a person has read a room, and how often they were named behind that. */
export interface Pointer extends ReadMark {
  mentions: number
}

export type Pointers = Readonly<Record<number, Pointer>>

/** The server is told of a room at most this often, in milliseconds. */
const tellEvery = 1_000

/** Before the server has said where the person stands, everything it says is later. */
const unknownVersion = -1

/**
 * Reads is how far the person has read each room: the same on all of their
 * devices, because the server keeps it. What is read here shows at once and is
 * told to the server soon after, again after a cut.
 */
export class Reads {
  readonly state: StoreApi<Pointers> = createStore<Pointers>(() => ({}))
  readonly #ask: Client['ask']
  /** Rooms that were read further than the server knows, and up to where. */
  readonly #untold = new Map<number, number>()
  /** How far each room had come when the server said where the person stands. */
  readonly #heads = new Map<number, number>()
  /** Unread messages that name the person, as they came: what the server counts later it has not counted yet. */
  readonly #named = new Map<number, readonly number[]>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ask: Client['ask']) {
    this.#ask = ask
  }

  get(roomId: number): Pointer | undefined {
    return this.state.getState()[roomId]
  }

  /** Take takes over where the server says that the person stands, unless it is known better here. */
  take({ roomId, read, head, mentions }: Pick<Standing, 'roomId' | 'read' | 'head' | 'mentions'>): void {
    const old = this.get(roomId)
    if (old && !isLater(read, old)) {
      const same = old.version === read.version && old.seq === read.seq
      // Of two words on the same mark the one with the greater head knows more.
      if (!same || head.seq < (this.#heads.get(roomId) ?? 0)) return
    }
    this.#heads.set(roomId, head.seq)
    const later = this.#namedBehind(roomId, Math.max(head.seq, read.seq))
    this.#set(roomId, { ...read, mentions: mentions + later.length })
  }

  /** Met takes over what a room's description says. A room that says nothing has nothing unread to speak of. */
  met(room: RoomInfo): void {
    if (!room.role) return
    if (room.read)
      this.take({ roomId: room.id, read: room.read, head: room.head, mentions: room.mentions ?? 0 })
    else if (!this.get(room.id))
      this.#set(room.id, { seq: room.head.seq, n: room.head.n, version: unknownVersion, mentions: 0 })
  }

  /** Mark moves the room's pointer forward and tells the server; a pointer behind the present one changes nothing. */
  mark(roomId: number, to: { seq: number; n: number }): void {
    if (!this.#forward(roomId, to)) return
    this.#untold.set(roomId, to.seq)
    this.#timer ??= setTimeout(() => this.flush(), tellEvery)
  }

  /**
   * Wrote moves the pointer to what the person wrote; the server does the same
   * by itself. What the server knew of when it said where the person stands is
   * in that already: it may come again after the person has gone back.
   */
  wrote(roomId: number, to: { seq: number; n: number }): void {
    if (to.seq > (this.#heads.get(roomId) ?? 0)) this.#forward(roomId, to)
  }

  /** Named counts a message that names the person, live or caught up with, unless it is read or counted already. */
  named(roomId: number, seq: number): void {
    const old = this.get(roomId)
    const known = this.#namedBehind(roomId, old?.seq ?? 0)
    if (seq <= (old?.seq ?? 0) || known.includes(seq)) return
    this.#named.set(roomId, [...known, seq])
    if (old && seq > (this.#heads.get(roomId) ?? 0)) this.#set(roomId, { ...old, mentions: old.mentions + 1 })
  }

  /** MarkUnread lets the room be unread again from an event on. It rejects when the server cannot be told. */
  async markUnread(roomId: number, seq: number): Promise<void> {
    this.#untold.delete(roomId)
    const request: MarkUnreadRequest = { roomId, seq }
    const ack = await this.#ask<MarkAck>(MarkUnread, request)
    if (!ack?.ok) throw new Error((ack as Refusal | undefined)?.error.message ?? 'no answer')
    this.take(ack as MarkAck)
  }

  /** Flush tells the server now what it does not know: the connection is back, or the page goes away. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const untold = [...this.#untold]
    this.#untold.clear()
    for (const [roomId, seq] of untold) void this.#tell(roomId, seq)
  }

  close(): void {
    this.flush()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #tell(roomId: number, seq: number): Promise<void> {
    const request: MarkReadRequest = { roomId, seq }
    const ack = await this.#ask<MarkAck>(MarkRead, request)
    if (ack?.ok) return this.take(ack as MarkAck)
    // What is refused for good was never read; anything else is told again with the next flush.
    if (ack && isFinal((ack as Refusal).error.code)) return
    if (!this.#untold.has(roomId)) this.#untold.set(roomId, seq)
    if (ack) this.#timer ??= setTimeout(() => this.flush(), tellEvery)
  }

  #forward(roomId: number, { seq, n }: { seq: number; n: number }): boolean {
    const old = this.get(roomId)
    if (old && old.seq >= seq) return false
    const mentions = this.#namedBehind(roomId, seq).length
    this.#set(roomId, { seq, n, version: old?.version ?? unknownVersion, mentions })
    return true
  }

  #namedBehind(roomId: number, seq: number): readonly number[] {
    return (this.#named.get(roomId) ?? []).filter((named) => named > seq)
  }

  #set(roomId: number, pointer: Pointer): void {
    this.state.setState({ ...this.state.getState(), [roomId]: pointer }, true)
  }
}

function isLater(a: ReadMark, b: ReadMark): boolean {
  return a.version === b.version ? a.seq > b.seq : a.version > b.version
}
