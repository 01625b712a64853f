/**
 * For programs, in Node.js or a browser, that take part in conversations on a
 * Parley server. README.md shows how.
 */
export { newCid } from './cid.js'
export { Client, type ClientOptions, type ClientState } from './client.js'
export { Ended, Refused, Undecided } from './error.js'
export type { Attempt } from './outbox.js'
export type { Event, PageAck, RoomInfo, SendAck } from './protocol.js'
export * as protocol from './protocol.js'
export { password, register, type TokenSource } from './rest.js'
export { type Phase, Room, type Start } from './room.js'
export { type OpenWire, openSocket, type Wire, type WireEvents } from './wire.js'
