import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How long, in milliseconds, a server may take for what it does at its start, on a machine that has other work too. */
const patience = 60_000

/** Parley is one server process with a data directory of its own. It can be killed and started again. */
export class Parley {
  readonly url: string
  readonly #port: number
  readonly #data = mkdtempSync(join(tmpdir(), 'parley-e2e-'))
  #process: ChildProcess | undefined
  #output = ''

  private constructor(port: number) {
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
  }

  /** At is servers that somebody else starts and ends, at one address. */
  static at(url: string): Parley {
    return new Parley(Number(new URL(url).port))
  }

  static async start(): Promise<Parley> {
    const parley = new Parley(await freePort())
    await parley.start()
    return parley
  }

  async start(): Promise<void> {
    const binary = process.env.PARLEY_BIN
    if (!binary) throw new Error('PARLEY_BIN is not set')
    const child = spawn(binary, ['serve'], {
      env: { ...process.env, PARLEY_LISTEN: `127.0.0.1:${this.#port}`, PARLEY_DATA: this.#data },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const collect = (chunk: Buffer) => {
      this.#output += chunk
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    this.#process = child
    await this.#until('become ready', async () => {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${this.#output}`)
      return (await fetch(`${this.url}/readyz`).catch(() => undefined))?.ok === true
    })
  }

  /** SetupLink is the printed link that makes the first owner. It is printed a moment after the server is ready. */
  async setupLink(): Promise<string> {
    let link: string | undefined
    await this.#until('print the link of its owner', async () => {
      link = /http\S+\/setup#token=\S+(?=\n)/.exec(this.#output)?.[0]
      return link !== undefined
    })
    return link ?? ''
  }

  /** Kill ends the process as a crash would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Stop ends the process as an operator would, and lets it tell its clients. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#data, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  async #until(what: string, done: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + patience; Date.now() < end; ) {
      if (await done()) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`the server did not ${what}:\n${this.#output}`)
  }
}

/**
 * FreePort is a port that nobody has, and nobody is given unasked: a server
 * that is killed and started again would lose one of those that systems give
 * to connections to any of them meanwhile, be it to an attempt to reach it.
 */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error('no port is free')
}
