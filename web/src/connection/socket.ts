import { io } from 'socket.io-client'
import type { ErrorInfo } from '../protocol/types'

// The one file that knows the socket library. Everything else sees Wire.

/** Why a connection could not be made, as the server said it; undefined when nothing answered. */
export type ConnectRefusal = ErrorInfo | undefined

export interface WireEvents {
  connected(): void
  /** The attempt failed; the wire makes no other one by itself. */
  failed(refusal: ConnectRefusal): void
  /** An established connection ended. */
  lost(): void
  event(name: string, payload: unknown): void
}

/** Wire is one socket to the server: it connects when told and never reconnects by itself. */
export interface Wire {
  connect(): void
  disconnect(): void
  /**
   * Request sends an event and returns its acknowledgement. It rejects when
   * the connection is down, ends before the answer, or nothing came in time;
   * the server may have acted on it all the same.
   */
  request<Ack>(event: string, payload: unknown): Promise<Ack>
}

export type OpenWire = (token: () => string, events: WireEvents) => Wire

/** The server answers `unknown` after 10 s, so silence beyond this is a lost connection. */
const acknowledgeWithin = 15_000

/** An attempt that hangs, behind a proxy that answers nothing, is given up after this long. */
const connectWithin = 10_000

export const openSocket: OpenWire = (token, events) => {
  const socket = io({
    autoConnect: false,
    reconnection: false,
    timeout: connectWithin,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    auth: (give) => give({ token: token() }),
  })
  socket.on('connect', () => events.connected())
  socket.on('disconnect', () => events.lost())
  socket.on('connect_error', (error: Error & { data?: ErrorInfo }) => {
    // Closes the transport that may still stand behind a refused namespace.
    socket.disconnect()
    events.failed(error.data)
  })
  socket.onAny((name: string, payload: unknown) => events.event(name, payload))
  return {
    connect: () => socket.connect(),
    disconnect: () => socket.disconnect(),
    request: async (event, payload) => {
      // Not connected, the library would keep the packet and send it later,
      // behind the back of the outbox.
      if (!socket.connected) throw new Error('not connected')
      return socket.timeout(acknowledgeWithin).emitWithAck(event, payload)
    },
  }
}
