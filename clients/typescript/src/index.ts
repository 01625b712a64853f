/**
 * For programs, in Node.js or a browser, that take part in conversations on a
 * Parley server. README.md shows how.
 */
export { Backoff } from './backoff.js'
export { newCid } from './cid.js'
export { Client, type ClientOptions, type ClientState } from './client.js'
export { Ended, isFinal, Refused, Undecided } from './error.js'
export {
  type Attempt,
  type Draft,
  droppable,
  type Keep,
  Outbox,
  type OutboxNeeds,
  type Outgoing,
} from './outbox.js'
export { online, onPresence, onStatus, searchPeople, setStatus } from './people.js'
export type { Event, PageAck, RoomInfo, SendAck } from './protocol.js'
export * as protocol from './protocol.js'
export { password, register, type TokenSource } from './rest.js'
export { Room } from './room.js'
export { type Listener, type Phase, type Start, type SubscribeOptions, Subscription } from './subscription.js'
export { type OpenWire, openSocket, type Wire, type WireEvents } from './wire.js'
