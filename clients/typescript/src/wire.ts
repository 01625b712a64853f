import { io } from 'socket.io-client'
import type { ErrorInfo } from './protocol.js'

// The one file that knows the socket library. Everything else sees Wire.

/** What a wire tells. */
export interface WireEvents {
  connected(): void
  /** The attempt failed; refusal is what the server said, if it said anything. */
  failed(refusal: ErrorInfo | undefined): void
  /** An established connection has ended. */
  lost(): void
  event(name: string, payload: unknown): void
}

/** Wire is one socket. It connects when told and never comes back by itself. */
export interface Wire {
  connect(token: string): void
  disconnect(): void
  /**
   * Ask sends an event. Tell is called once, in order with what else the server
   * sends: with the answer, or with undefined when the connection ended before,
   * or nothing came within so many milliseconds.
   */
  ask(event: string, payload: unknown, within: number, tell: (answer: unknown) => void): void
  /** Milliseconds by the clock on the wall since anything came, if only a heartbeat. */
  silent(): number
}

export type OpenWire = (url: string, events: WireEvents) => Wire

const connectWithin = 20_000

/** OpenSocket is a wire over Socket.IO, by WebSocket or else long-polling. */
export const openSocket: OpenWire = (url, events) => {
  let token = ''
  let heard = 0
  const hear = () => {
    heard = Date.now()
  }
  const socket = io(url, {
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    timeout: connectWithin,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    auth: (give) => give({ token }),
  })
  // The heartbeats, and the packets.
  socket.io.on('ping', hear)
  socket.io.on('packet', hear)
  socket.on('connect', () => events.connected())
  socket.on('disconnect', () => events.lost())
  socket.on('connect_error', (error: Error & { data?: ErrorInfo }) => {
    // Closes the transport that may still stand behind a refused namespace.
    socket.disconnect()
    events.failed(error.data)
  })
  socket.onAny((name: string, payload: unknown) => events.event(name, payload))
  return {
    connect(with_) {
      token = with_
      socket.connect()
    },
    disconnect: () => void socket.disconnect(),
    ask(event, payload, within, tell) {
      // Not connected, the library would keep the packet and send it later,
      // behind the back of whoever asks again.
      if (!socket.connected) return tell(undefined)
      socket
        .timeout(within)
        .emit(event, payload, (error: Error | null, answer: unknown) => tell(error ? undefined : answer))
    },
    silent: () => Date.now() - heard,
  }
}
