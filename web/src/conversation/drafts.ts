import { type Client, isFinal } from 'parley-client'
import { createStore, type StoreApi } from 'zustand/vanilla'
import {
  type DraftAck,
  type DraftOfRoom,
  type MessageDraft,
  type Refusal,
  type RoomInfo,
  SetDraft,
  type SetDraftRequest,
} from '../protocol/types'
import type { Call } from './members'

/** What this device has of a room's draft. */
interface Draft {
  text: string
  /** The server's version that the text is, or was written over; 0: none. */
  version: number
  /** When it was written, ms UTC: by the server's clock, or by this device's what the server does not have. */
  at: number
  /** The server does not have it. */
  unsent: boolean
}

const none: Draft = { text: '', version: 0, at: 0, unsent: false }

/** The server is told at most this often, in milliseconds. */
const tellEvery = 1_000
/** So long after a key, in milliseconds, what is written here stays whatever other devices write. */
const writtenFor = 3_000
/** Lists cut a last message at so many characters. */
const lastCut = 200

/** Where drafts are told of and asked for. */
export interface DraftsNeeds {
  ask: Client['ask']
  call: Call
  userId: number
}

/**
 * Drafts is what a person has begun to write, per room. It is kept on this
 * device at once, over switches and reloads, and told to the server soon after,
 * for the other devices. Of two devices the one that the server hears last has
 * it:
 *
 * - What others write is shown where nobody is typing here.
 * - What is being typed here stays, and is told on: it is the later then.
 * - What could not be told yet stays, and is told when it can be. Only an empty
 *   text gives way to what another device has written meanwhile.
 * - What was sent, from whatever device, is no draft any more.
 *
 * The state is which rooms have something.
 */
export class Drafts {
  readonly state: StoreApi<ReadonlySet<number>>
  /** What other devices had begun, by room, where what was written here apart from it has taken its place. */
  readonly apart: StoreApi<ReadonlyMap<number, string>> = createStore(() => new Map())
  readonly #storage: Storage
  readonly #needs: DraftsNeeds
  readonly #prefix: string
  readonly #drafts = new Map<number, Draft>()
  /** Rooms of which the server is to be told. */
  readonly #untold = new Set<number>()
  /** Of each room what the server was told last. */
  readonly #told = new Map<number, string>()
  /** What the server has, as far as it has said so. */
  readonly #kept = new Map<number, string>()
  readonly #underWay = new Set<number>()
  readonly #readers = new Map<number, (text: string) => void>()
  #written = { roomId: 0, at: 0 }
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(storage: Storage, needs: DraftsNeeds) {
    this.#storage = storage
    this.#needs = needs
    this.#prefix = `parley.draft.${needs.userId}.`
    const begun = new Set<number>()
    for (let i = 0; i < storage.length; i++) {
      const key = storage.key(i) ?? ''
      const roomId = this.#roomOf(key)
      if (roomId === undefined) continue
      const draft = parse(storage.getItem(key))
      this.#drafts.set(roomId, draft)
      if (draft.unsent) this.#untold.add(roomId)
      if (draft.text.trim() !== '') begun.add(roomId)
    }
    this.state = createStore<ReadonlySet<number>>(() => begun)
  }

  get(roomId: number): string {
    return this.#get(roomId).text
  }

  /** Set takes what somebody has just typed, or that they have sent it. */
  set(roomId: number, text: string): void {
    this.#written = { roomId, at: Date.now() }
    const here = this.#get(roomId)
    if (!here.unsent) this.#kept.set(roomId, here.text)
    const unsent = text !== this.#kept.get(roomId) || this.#underWay.has(roomId)
    this.#put(roomId, { ...here, text, at: Date.now(), unsent })
    if (unsent) this.#tellLater(roomId)
    else this.#untold.delete(roomId)
  }

  /** Add puts a text below what is here. */
  add(roomId: number, text: string): void {
    const both = [this.get(roomId), text].filter(Boolean).join('\n\n')
    this.set(roomId, both)
    this.#readers.get(roomId)?.(both)
  }

  /** Attend shows what other devices write in a room; it returns how to end that, which tells the server at once. */
  attend(roomId: number, show: (text: string) => void): () => void {
    this.#readers.set(roomId, show)
    return () => {
      this.#readers.delete(roomId)
      this.rest()
      this.flush()
    }
  }

  /** Rest says that nobody types here any more. */
  rest(): void {
    this.#written.at = 0
  }

  /** Take takes over what the server has, unless it is known better here. */
  take({ roomId, draft }: DraftOfRoom): void {
    const here = this.#get(roomId)
    if (draft.version < here.version) return
    if (draft.long) {
      if (draft.version > here.version) void this.#fetch(roomId)
      return
    }
    this.#kept.set(roomId, draft.text)
    const { text, version, at } = draft
    if (text !== here.text && this.#stays(roomId, here, draft)) {
      if (this.#isApart(roomId, here, draft))
        this.apart.setState(new Map(this.apart.getState()).set(roomId, text), true)
      this.#drafts.set(roomId, { ...here, version, unsent: true })
      // Of what another tab has written, and of what was refused, nobody is told from here.
      if (!here.unsent || this.#untold.has(roomId)) this.#tellLater(roomId)
      return
    }
    this.#untold.delete(roomId)
    this.#put(roomId, { text, version, at, unsent: false })
    if (text !== here.text) this.#readers.get(roomId)?.(text)
  }

  /** Met takes over what a room's description says. */
  met({ id, draft, last }: RoomInfo): void {
    if (draft) this.take({ roomId: id, draft })
    if (last?.text && last.userId === this.#needs.userId && last.text.length < lastCut)
      this.said(id, last.text, last.at)
  }

  /**
   * Said takes that the person has said something at a moment of the server's
   * clock. If that is what the room's draft says, its device has not come to
   * take it away.
   */
  said(roomId: number, text: string, at: number): void {
    if (!this.#get(roomId).unsent) this.#drop(roomId, text, at)
  }

  /** Sends is {@link said} of what this device has on its way, by its own clock. */
  sends(roomId: number, text: string, at: number): void {
    if (this.#get(roomId).unsent) this.#drop(roomId, text, at)
  }

  /** Forget drops what the server has dropped: the person is not in the room any more. */
  forget(roomId: number): void {
    this.#untold.delete(roomId)
    this.#kept.delete(roomId)
    this.#put(roomId, none)
    this.#drafts.delete(roomId)
  }

  /** Flush tells the server now what it does not know: the connection is back, or the page goes away. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const roomId of [...this.#untold]) void this.#tell(roomId)
  }

  close(): void {
    this.flush()
    clearTimeout(this.#timer)
  }

  /** StorageChanged takes over what another tab of this device has written, or sent. */
  storageChanged(key: string, value: string | null): void {
    const roomId = this.#roomOf(key)
    if (roomId === undefined) return
    const here = this.#get(roomId)
    if (this.#isWritten(roomId) && here.text !== '') return this.#save(roomId, here)
    // That tab tells the server.
    const draft = value === null ? { ...none, version: here.version } : parse(value)
    this.#drafts.set(roomId, draft)
    if (!draft.unsent) {
      this.#untold.delete(roomId)
      this.#kept.set(roomId, draft.text)
    }
    this.#show(roomId, draft.text)
    if (draft.text !== here.text) this.#readers.get(roomId)?.(draft.text)
  }

  /** Stays tells whether what is here is kept beside another text of the server, to be the later one. */
  #stays(roomId: number, here: Draft, draft: MessageDraft): boolean {
    if (here.text !== '') return here.unsent || this.#isWritten(roomId)
    // What this device itself was telling when it was sent, or taken away, is nothing new.
    return here.unsent && (draft.version === here.version || draft.text === this.#told.get(roomId))
  }

  /** Whether what is here takes the place of something that it was not written over, and does not contain. */
  #isApart(roomId: number, here: Draft, { text, version }: MessageDraft): boolean {
    const told = text === this.#told.get(roomId) || !this.#untold.has(roomId)
    return !told && version > here.version && !here.text.includes(text.trim())
  }

  #isWritten(roomId: number): boolean {
    return this.#written.roomId === roomId && Date.now() - this.#written.at < writtenFor
  }

  #drop(roomId: number, said: string, at: number): void {
    const here = this.#get(roomId)
    if (here.text.normalize('NFC').trimEnd() !== said || said === '' || at < here.at) return
    this.#put(roomId, { ...here, text: '', unsent: true })
    this.#readers.get(roomId)?.('')
    this.#tellLater(roomId)
  }

  #tellLater(roomId: number): void {
    this.#untold.add(roomId)
    this.#timer ??= setTimeout(() => this.flush(), tellEvery)
  }

  async #tell(roomId: number): Promise<void> {
    if (this.#underWay.has(roomId)) return
    const { text, version } = this.#get(roomId)
    this.#underWay.add(roomId)
    this.#told.set(roomId, text)
    const request: SetDraftRequest = { roomId, text, basis: version }
    const ack = await this.#needs.ask<DraftAck>(SetDraft, request)
    this.#underWay.delete(roomId)
    if (ack?.ok) return this.#answered(roomId, text, (ack as DraftAck).draft)
    // Without an answer it is told again when the connection is back.
    if (!ack) return
    const { code, retryAfter = 0 } = (ack as Refusal).error
    if (isFinal(code)) {
      // It stays on this device, until it is changed.
      if (this.get(roomId) === text) this.#untold.delete(roomId)
    } else this.#timer ??= setTimeout(() => this.flush(), Math.max(tellEvery, retryAfter * 1_000))
  }

  #answered(roomId: number, told: string, draft: MessageDraft): void {
    const here = this.#get(roomId)
    if (draft.text !== told || draft.version < here.version) return this.take({ roomId, draft })
    this.#kept.set(roomId, told)
    const { version, at } = draft
    if (here.text === told) {
      this.#untold.delete(roomId)
      this.#put(roomId, { text: told, version, at, unsent: false })
    } else {
      this.#put(roomId, { ...here, version, unsent: true })
      this.#tellLater(roomId)
    }
  }

  async #fetch(roomId: number): Promise<void> {
    try {
      this.take({ roomId, draft: await this.#needs.call<MessageDraft>('GET', `/rooms/${roomId}/draft`) })
    } catch {
      // The next list says again that there is one.
    }
  }

  #get(roomId: number): Draft {
    return this.#drafts.get(roomId) ?? none
  }

  #put(roomId: number, draft: Draft): void {
    this.#drafts.set(roomId, draft)
    this.#show(roomId, draft.text)
    this.#save(roomId, draft)
  }

  #save(roomId: number, draft: Draft): void {
    const key = this.#prefix + roomId
    try {
      if (draft.text === '' && !draft.unsent) this.#storage.removeItem(key)
      else this.#storage.setItem(key, JSON.stringify(draft))
    } catch {
      // Full or forbidden: the draft lives as long as the page.
    }
  }

  #roomOf(key: string): number | undefined {
    const id = key.startsWith(this.#prefix) ? Number(key.slice(this.#prefix.length)) : Number.NaN
    return Number.isSafeInteger(id) ? id : undefined
  }

  #show(roomId: number, text: string): void {
    const begun = this.state.getState()
    const has = text.trim() !== ''
    if (begun.has(roomId) === has) return
    const others = [...begun].filter((id) => id !== roomId)
    this.state.setState(new Set(has ? [...others, roomId] : others), true)
  }
}

/** Pages of an earlier version kept nothing but the text. */
function parse(value: string | null): Draft {
  try {
    const draft = JSON.parse(value ?? '') as Partial<Draft> | null
    if (typeof draft?.text === 'string') return { ...none, ...draft }
  } catch {
    // It is such a text.
  }
  return { ...none, text: value ?? '', unsent: true }
}
