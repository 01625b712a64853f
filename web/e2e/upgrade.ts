import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** The version that the server has behind the upgrade. */
export const next = 'fedcba9876543210'

type Serves = 'present' | 'next' | 'past' | 'nothing'

/**
 * Upgrade stands before a server and lets its client be of another version from
 * some moment on: what names the version names the next one, and files of the
 * version before are not there any more. Or it makes the server one that is too
 * old to know versions and workers, or says, as a gateway does, that it is away.
 */
export class Upgrade {
  readonly #server: Server
  readonly #behind: URL
  readonly #sockets = new Set<Duplex>()
  #version = ''
  #serves: Serves = 'present'

  private constructor(behind: string) {
    this.#behind = new URL(behind)
    this.#server = createServer((asked, answer) => void this.#pass(asked, answer))
    this.#server.on('upgrade', (asked, socket, head) => this.#tunnel(asked, socket, head))
  }

  static async before(url: string): Promise<Upgrade> {
    const upgrade = new Upgrade(url)
    const page = await fetch(url)
    upgrade.#version = page.headers.get('Parley-Client') ?? ''
    await page.body?.cancel()
    upgrade.#server.listen(0, '127.0.0.1')
    await once(upgrade.#server, 'listening')
    return upgrade
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The version that the server has by itself. */
  get version(): string {
    return this.#version
  }

  /** To has the server be of another version; all connections end, as they do when it starts anew. */
  to(serves: Serves): void {
    this.#serves = serves
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    if (this.#serves === 'nothing') {
      answer.writeHead(503, { 'content-type': 'text/html' }).end('<h1>Back soon</h1>')
      return
    }
    let path = asked.url ?? '/'
    if (this.#serves === 'next')
      path = path.replace(this.#version, 'none').replace(`/assets/${next}/`, `/assets/${this.#version}/`)
    if (this.#serves === 'past' && path === '/sw.js') path = '/none.js'
    const { host, port } = { host: this.#behind.hostname, port: this.#behind.port }
    const headers = { ...asked.headers, 'accept-encoding': 'identity' }
    delete headers['if-none-match']
    const passed = request({ host, port, path, method: asked.method, headers })
    passed.on('error', () => answer.destroy())
    passed.on('response', async (got) => {
      const chunks: Buffer[] = []
      for await (const chunk of got) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      const told = { ...got.headers }
      delete told['content-length']
      if (this.#serves === 'past') delete told['parley-client']
      if (told['parley-client']) told['parley-client'] = this.#named(String(told['parley-client']))
      answer.writeHead(got.statusCode ?? 500, told)
      const text = /text\/(html|javascript)/.test(String(told['content-type']))
      answer.end(text ? this.#named(body.toString()) : body)
    })
    asked.pipe(passed)
  }

  /** The same with the version that is served. */
  #named(text: string): string {
    return this.#serves === 'next' ? text.replaceAll(this.#version, next) : text
  }

  #tunnel(asked: IncomingMessage, socket: Duplex, head: Buffer): void {
    const server: Socket = connect(Number(this.#behind.port), this.#behind.hostname, () => {
      const lines = [`${asked.method} ${asked.url} HTTP/1.1`]
      for (let i = 0; i < asked.rawHeaders.length; i += 2)
        lines.push(`${asked.rawHeaders[i]}: ${asked.rawHeaders[i + 1]}`)
      server.write(`${lines.join('\r\n')}\r\n\r\n`)
      server.write(head)
      server.pipe(socket)
      socket.pipe(server)
    })
    this.#sockets.add(socket)
    for (const end of [server, socket]) {
      end.on('error', () => undefined)
      end.on('close', () => {
        this.#sockets.delete(socket)
        server.destroy()
        socket.destroy()
      })
    }
  }
}
