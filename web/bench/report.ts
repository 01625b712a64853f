import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { holds, type Line, table } from './figures'
import type { Size } from './size'

const file = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
const heading = '### The web client in a browser'

/** What a report says besides its figures. */
export interface About {
  size: Size
  browser: string
  /** Load average over a minute when each part began. */
  loads: Readonly<Record<string, number>>
  /** Requests to other hosts, and what the browser complained of. */
  complaints: readonly string[]
}

/** Report is the section of docs/benchmarks.md about the web client. */
export function report(lines: readonly Line[], { size, browser, loads, complaints }: About): string {
  const missed = lines.filter((line) => !holds(line)).map(({ id, what }) => `${id} (${what})`)
  const most = Math.max(...Object.values(loads))
  const text = [
    heading,
    `\`make bench-web\` on ${day()} at commit ${commit()}, ${browser}, headless and without a graphics card,
${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown processor'}, Linux ${release()}, node ${process.version}. The server, its data on the
disk, the people who write and the browser share these cores. A room with ${thousands(size.messages)} messages of every
height and ${size.people} members; ${size.rooms} rooms in the list. *Painted* is the first task behind the frame that shows
it, counted from the time that the browser gives the key, click or navigation. A frame takes 16.7 ms; whatever is
answered in the next one has waited for it on average half of that.`,
    busy(most),
    table(lines),
    missed.length === 0
      ? 'Everything promised holds.'
      : `Missed: ${missed.join(', ')}.${most > quiet ? ' On a machine that was busy this proves nothing.' : ''}`,
    complaints.length === 0
      ? 'F-05: no request left the origin, and the console stayed empty.'
      : `F-05 is broken:\n\n${complaints.map((line) => `- ${line}`).join('\n')}`,
    notes,
  ]
  return `${text.filter(Boolean).join('\n\n')}\n`
}

/** Load average a core above which others keep the machine busy. */
const quiet = 0.5 * cpus().length

function busy(load: number): string {
  if (load <= quiet)
    return `Load average before each part: at most ${load.toFixed(2)}, what the bench itself left of the part before among it.`
  return `**The machine was busy**: a load average of up to ${load.toFixed(2)} before a part began. The times below are worth nothing beside a quiet run's.`
}

const notes = `Cold is a browser that has never been here, signed in by what is kept; warm is the same address again in the
same browser. Usable is the list of rooms, the latest messages and a place to write, painted; *live* comes later, by the
socket. Switching goes back and forth by clicks between two rooms that were open before. Typing is a key every 80 ms
in the large room. Scrolling sets the place 400 pixels further up in every frame until the beginning of the room is
there; a row jumps by what its distance from the window changes between that and the next frame. Memory is what the
page's process has to itself (private pages of /proc/PID/smaps_rollup) and the JavaScript heap, both after the garbage
was collected; its growth is what each minute adds behind the first.`

/** Write puts the section in the place of the last one, or at the end. */
export function write(section: string): void {
  writeFileSync(file, placed(readFileSync(file, 'utf8'), section))
}

/** Placed is a document with the section in it, once. */
export function placed(document: string, section: string): string {
  const from = document.indexOf(`${heading}\n`)
  if (from < 0) return `${document.trimEnd()}\n\n${section}`
  const rest = document.slice(from + heading.length)
  const next = /^#{1,3} /m.exec(rest)
  const behind = next ? `\n${rest.slice(next.index)}` : ''
  return `${document.slice(0, from)}${section}${behind}`
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
}

function day(): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' }).format(new Date())
}

function thousands(value: number): string {
  return new Intl.NumberFormat('en').format(value)
}
