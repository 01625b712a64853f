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
      // A browser says so, and the page need not wait for its next attempt.
      await page.evaluate(() => window.dispatchEvent(new Event('online')))
    },
  }
}

/** A relay for the page's sockets that can swallow what the server says, and let none through. */
export class Relay {
  /** While true, nothing that the server sends reaches the page. */
  deaf = false
  /** While true, no new socket gets to the server; plain requests still pass. */
  closed = false
  /** What the server has said and the page has not heard yet, while {@link hold} holds it back. */
  #held: { message: string; tell(): void }[] | undefined
  /** The answer to the next event of a name, which no server gets. */
  #refusal: { event: string; error: object } | undefined
  /** What the page has said, as it was passed on, and what it has heard. */
  said = ''
  heard = ''
  readonly #sockets = new Set<WebSocketRoute>()

  static async before(page: Page): Promise<Relay> {
    const relay = new Relay()
    await page.route(/\/socket\.io\//, (route) => (relay.closed ? route.abort() : route.continue()))
    await page.routeWebSocket(/\/socket\.io\//, (socket) => {
      if (relay.closed) return void socket.close()
      const server = socket.connectToServer()
      relay.#sockets.add(socket)
      socket.onMessage((message) => {
        if (relay.#refuses(String(message), (answer) => socket.send(answer))) return
        server.send(message)
        relay.said += message
      })
      server.onMessage((message) => {
        if (relay.deaf) return
        const tell = () => {
          relay.heard += message
          socket.send(message)
        }
        if (relay.#held) relay.#held.push({ message: String(message), tell })
        else tell()
      })
    })
    return relay
  }

  /** Hold keeps back what the server says, as a device that sleeps does not hear it. */
  hold(): void {
    this.#held ??= []
  }

  /** Holds reports whether something with these words is held back. */
  holds(words: string): boolean {
    return this.#held?.some(({ message }) => message.includes(words)) ?? false
  }

  /** Release lets the page hear what was held back, in its order, and everything behind it. */
  release(): void {
    for (const { tell } of this.#held ?? []) tell()
    this.#held = undefined
  }

  /** Refuse has the next event of this name refused, before it gets to the server. */
  refuse(event: string, error: { code: string; message: string; retryAfter?: number }): void {
    this.#refusal = { event, error }
  }

  #refuses(message: string, answer: (message: string) => void): boolean {
    const refusal = this.#refusal
    const asked = refusal && new RegExp(`^42(\\d+)\\["${refusal.event}"`).exec(message)
    if (!asked) return false
    this.#refusal = undefined
    answer(`43${asked[1]}${JSON.stringify([{ ok: false, error: refusal?.error }])}`)
    return true
  }

  /** Tell lets the page hear something that no server has said. */
  tell(event: string, payload: object): void {
    for (const socket of this.#sockets) socket.send(`42${JSON.stringify([event, payload])}`)
  }

  /** Answered reports whether the page has heard the answer to an event that it said behind a place in {@link said}. */
  answered(event: string, after: number): boolean {
    const asked = new RegExp(`42(\\d+)\\["${event}"`).exec(this.said.slice(after))
    return asked !== null && this.heard.includes(`43${asked[1]}[`)
  }

  /** Cut ends the page's sockets; it may come back. */
  async cut(): Promise<void> {
    for (const socket of this.#sockets) await socket.close()
    this.#sockets.clear()
    this.deaf = false
  }
}
