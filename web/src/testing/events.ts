import type { Event, Head } from '../protocol/types'

// Events as the server makes them, for tests.

export const room = 7
export const ann = { id: 1, email: 'ann@example.org', name: 'Ann', handle: 'ann', role: 'member' }
export const bo = { id: 2, email: 'bo@example.org', name: 'Bo', handle: 'bo', role: 'member' }

/** Message is the seq-th event of the room, said by Bo unless told otherwise. */
export function message(seq: number, changes: Partial<Event> = {}): Event {
  return {
    kind: 'message',
    roomId: room,
    seq,
    n: seq,
    cursor: cursor(seq),
    userId: bo.id,
    userName: bo.name,
    cid: `cid-${seq}`,
    id: `id-${seq}`,
    at: 1_700_000_000_000 + seq * 1000,
    messageText: `text ${seq}`,
    ...changes,
  }
}

export function messages(from: number, to: number): Event[] {
  return Array.from({ length: to - from + 1 }, (_, i) => message(from + i))
}

export function nothing(seq: number): Event {
  return { kind: 'void', roomId: room, seq, cursor: cursor(seq) }
}

export function gap(from: number, to: number): Event {
  return { kind: 'gap', roomId: room, from, to }
}

export function cursor(seq: number): string {
  return `${seq}.abcdef`
}

export function head(seq: number): Head {
  return { seq, n: seq, cursor: cursor(seq) }
}
