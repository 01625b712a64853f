import type { Page, WebSocketRoute } from '@playwright/test'

/** What is between a page and its server, for a test to break. */
export interface Network {
  restore(): Promise<void>
}

/**
 * CutOff loads the page anew without a socket, and lets none through until
 * restored; plain requests still pass.
 */
export async function cutOff(page: Page): Promise<Network> {
  let cut = true
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    if (cut) void socket.close()
    else socket.connectToServer()
  })
  await page.route(/\/socket\.io\//, (route) => (cut ? route.abort() : route.continue()))
  await page.reload()
  return {
    restore: async () => {
      cut = false
    },
  }
}

/** A relay for the page's sockets that can swallow what the server says, and let none through. */
export class Relay {
  /** While true, nothing that the server sends reaches the page. */
  deaf = false
  /** While true, no new socket gets to the server; plain requests still pass. */
  closed = false
  /** What the page has said, as it was passed on. */
  said = ''
  readonly #sockets = new Set<WebSocketRoute>()

  static async before(page: Page): Promise<Relay> {
    const relay = new Relay()
    await page.route(/\/socket\.io\//, (route) => (relay.closed ? route.abort() : route.continue()))
    await page.routeWebSocket(/\/socket\.io\//, (socket) => {
      if (relay.closed) return void socket.close()
      const server = socket.connectToServer()
      relay.#sockets.add(socket)
      socket.onMessage((message) => {
        server.send(message)
        relay.said += message
      })
      server.onMessage((message) => {
        if (!relay.deaf) socket.send(message)
      })
    })
    return relay
  }

  /** Cut ends the page's sockets; it may come back. */
  async cut(): Promise<void> {
    for (const socket of this.#sockets) await socket.close()
    this.#sockets.clear()
    this.deaf = false
  }
}
