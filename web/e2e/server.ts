import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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
    await this.#ready(child)
  }

  /** Output is what the server has printed so far. */
  output(): string {
    return this.#output
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

  async #ready(child: ChildProcess): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      if (child.exitCode !== null) break
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined)
      if (answer?.ok) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`the server did not become ready:\n${this.#output}`)
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
