import type { Event, Head, RoomInfo } from '../protocol/types'
import { type Kept, outdated } from './conversation'
import type { LastSeen } from './workspace'

/*
 * The layout of the database, version 1:
 *
 *   about  'owner': id of the person whose it is; 'rooms': the list, RoomInfo[]
 *   rooms  Kept by its roomId, and by `at`, when it was seen last
 *
 * It holds nothing that the server does not have: another layout is another
 * version, and what is in an older or newer one is thrown away.
 */
const version = 1
const about = 'about'
const rooms = 'rooms'

/** Rooms of which messages are kept, those that were seen last. */
export const mostRooms = 30
/** Events kept of a room, and characters of what they say. */
export const mostEvents = 100
const mostText = 200_000
/** Rooms of the list. */
const mostListed = 500
/** What was not seen for so many milliseconds goes. */
const tooOld = 30 * 24 * 3_600_000

/** Before the server has said it, everything that it says is later. */
const unknownVersion = -1

/**
 * Shelf is what this device keeps of what its person has seen, for when the
 * server is away. All pages of the device share it. Each change is one
 * transaction, so a page that is killed leaves what was there before, or what
 * it wanted; and each is made only in the name of the person whose it is, so
 * that a page that has not heard of a sign-out writes nothing behind it.
 *
 * A database that cannot be opened, read or written means that nothing is kept.
 * No method rejects.
 */
export class Shelf {
  readonly #name: string
  #open: Promise<IDBDatabase> | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** Claim begins keeping for a person; what is there of another one goes, and what is too old. */
  async claim(userId: number): Promise<void> {
    await this.#change((transaction) => {
      const owner = transaction.objectStore(about).get('owner')
      owner.onsuccess = () => {
        if (owner.result === userId) return dropOld(transaction.objectStore(rooms))
        transaction.objectStore(about).clear()
        transaction.objectStore(rooms).clear()
        transaction.objectStore(about).put(userId, 'owner')
      }
    })
  }

  /** Load is what the person has seen; undefined when nothing of theirs is kept. */
  async load(userId: number): Promise<LastSeen | undefined> {
    try {
      const transaction = (await this.#database()).transaction([about, rooms])
      const [owner, list, kept] = await Promise.all([
        answer(transaction.objectStore(about).get('owner')),
        answer(transaction.objectStore(about).get('rooms')),
        answer(transaction.objectStore(rooms).getAll()),
      ])
      if (owner !== userId) return undefined
      const listed: RoomInfo[] = Array.isArray(list) ? list : []
      return {
        rooms: listed.map(asOnceKnown),
        kept: kept.filter(isWhole).filter(({ at }) => at > Date.now() - tooOld),
      }
    } catch {
      return undefined
    }
  }

  /** PutList keeps the list of the person's rooms. */
  async putList(userId: number, list: readonly RoomInfo[]): Promise<void> {
    await this.#changeFor(userId, (transaction) => {
      transaction.objectStore(about).put(list.slice(0, mostListed).map(withoutTexts), 'rooms')
    })
  }

  /**
   * Put keeps what was seen of a room, unless another page has kept more of it,
   * or as much and later.
   * Where that fails, as on a full disk, what was kept before goes: something
   * may have been deleted since.
   */
  async put(userId: number, kept: Kept): Promise<void> {
    const put = await this.#changeFor(userId, (transaction) => {
      const store = transaction.objectStore(rooms)
      const present = store.get(kept.roomId)
      present.onsuccess = () => {
        const other: unknown = present.result
        const more = isWhole(other) ? other.high - kept.high || other.at - kept.at : 0
        if (more > 0) return
        store.put(bounded(kept))
        dropMost(store)
      }
    })
    if (!put) await this.drop(userId, kept.roomId)
  }

  /**
   * DropOutdated lets go of what was seen of rooms, of these heads, in which
   * something else than messages has come since, and says what that was.
   */
  async dropOutdated(userId: number, heads: ReadonlyMap<number, Head>): Promise<Kept[]> {
    const dropped: Kept[] = []
    await this.#changeFor(userId, (transaction) => {
      const store = transaction.objectStore(rooms)
      for (const [roomId, head] of heads) {
        const present = store.get(roomId)
        present.onsuccess = () => {
          const kept: unknown = present.result
          if (!isWhole(kept) || !outdated(kept, head)) return
          store.delete(roomId)
          dropped.push(kept)
        }
      }
    })
    return dropped
  }

  /** Drop lets go of what was seen of a room. */
  async drop(userId: number, roomId: number): Promise<void> {
    await this.#changeFor(userId, (transaction) => transaction.objectStore(rooms).delete(roomId))
  }

  /** DropOthers lets go of what was seen of all rooms but these. */
  async dropOthers(userId: number, left: ReadonlySet<number>): Promise<void> {
    await this.#changeFor(userId, (transaction) => {
      const store = transaction.objectStore(rooms)
      const present = store.getAllKeys()
      present.onsuccess = () => {
        for (const key of present.result) if (!left.has(key as number)) store.delete(key)
      }
    })
  }

  #changeFor(userId: number, act: (transaction: IDBTransaction) => void): Promise<boolean> {
    return this.#change((transaction) => {
      const owner = transaction.objectStore(about).get('owner')
      owner.onsuccess = () => {
        if (owner.result === userId) act(transaction)
      }
    })
  }

  /** Makes one change, whole or not at all, and reports which. */
  async #change(act: (transaction: IDBTransaction) => void): Promise<boolean> {
    try {
      const transaction = (await this.#database()).transaction([about, rooms], 'readwrite')
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve()
        transaction.onabort = () => reject(transaction.error)
        act(transaction)
      })
      return true
    } catch {
      // Full, forbidden or broken.
      return false
    }
  }

  #database(): Promise<IDBDatabase> {
    this.#open ??= this.#opened().catch((error) => {
      this.#open = undefined
      throw error
    })
    return this.#open
  }

  async #opened(): Promise<IDBDatabase> {
    const database = await open(this.#name).catch(async (error: unknown) => {
      // A later version of the client was here.
      if (!(error instanceof DOMException && error.name === 'VersionError')) throw error
      await answer(indexedDB.deleteDatabase(this.#name))
      return open(this.#name)
    })
    const closed = () => {
      this.#open = undefined
    }
    database.onclose = closed
    // Another page deletes it, or needs another layout.
    database.onversionchange = () => {
      database.close()
      closed()
    }
    return database
  }
}

async function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => {
    const database = request.result
    for (const store of database.objectStoreNames) database.deleteObjectStore(store)
    database.createObjectStore(about)
    database.createObjectStore(rooms, { keyPath: 'roomId' }).createIndex('at', 'at')
  }
  return answer(request)
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Lets go of the rooms that were seen too long ago. */
function dropOld(store: IDBObjectStore): void {
  const old = store.index('at').getAllKeys(IDBKeyRange.upperBound(Date.now() - tooOld))
  old.onsuccess = () => {
    for (const key of old.result) store.delete(key)
  }
}

/** Lets go of the rooms that were seen longest ago. */
function dropMost(store: IDBObjectStore): void {
  const oldestFirst = store.index('at').getAllKeys()
  oldestFirst.onsuccess = () => {
    for (const key of oldestFirst.result.slice(0, -mostRooms)) store.delete(key)
  }
}

/** The end of what was seen, so much of it as has its place. */
function bounded(kept: Kept): Kept {
  let text = 0
  const first = kept.events.findLastIndex((event) => {
    text += event.messageText?.length ?? 0
    return text > mostText
  })
  const events = kept.events.slice(Math.max(first + 1, kept.events.length - mostEvents))
  const [start] = events
  return events.length < kept.events.length ? { ...kept, events, floor: start?.seq ?? kept.high + 1 } : kept
}

/** A room without what is said in it, and begun to be said, which has places of its own. */
function withoutTexts({ last: _, draft: __, ...room }: RoomInfo): RoomInfo {
  return room
}

/** How a room was: whatever the server says of it is later. */
function asOnceKnown(room: RoomInfo): RoomInfo {
  return {
    ...room,
    ...(room.read && { read: { ...room.read, version: unknownVersion } }),
    ...(room.settings && { settings: { ...room.settings, version: unknownVersion } }),
  }
}

/** Whether it is what this version keeps: an unbroken span that ends with its cursor. */
function isWhole(value: unknown): value is Kept {
  const kept = value as Partial<Kept> | undefined
  if (typeof kept?.roomId !== 'number' || typeof kept.at !== 'number') return false
  const { floor, high, n, cursor, events } = kept
  if (typeof floor !== 'number' || typeof high !== 'number' || typeof n !== 'number' || floor > high + 1)
    return false
  if (typeof cursor !== 'string' || !cursor.startsWith(`${high}.`) || !Array.isArray(events)) return false
  let last = floor - 1
  return events.every(({ seq }: Event) => {
    const follows = typeof seq === 'number' && seq > last && seq <= high
    last = seq ?? last
    return follows
  })
}
