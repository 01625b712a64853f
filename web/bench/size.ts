/** How large the world is that the page is measured in, and how long it is looked at. */
export interface Size {
  /** In the large room, of every height. */
  messages: number
  rooms: number
  /** Members of the large room. */
  people: number
  /** Of everything that is done again and again. */
  rounds: number
  /** Seconds of typing while messages arrive, a round. */
  typing: number
  /** Messages a second that arrive meanwhile. */
  storm: number
  /** Minutes of {@link drizzle} while the memory is watched. */
  minutes: number
  /** Messages a second that arrive meanwhile. */
  drizzle: number
}

const full: Size = {
  messages: 10_000,
  rooms: 200,
  people: 200,
  rounds: 5,
  typing: 8,
  storm: 100,
  minutes: 2,
  drizzle: 20,
}

/** Enough to see that the bench works, in seconds. */
const smoke: Size = {
  messages: 150,
  rooms: 6,
  people: 4,
  rounds: 1,
  typing: 0.5,
  storm: 10,
  minutes: 0.02,
  drizzle: 10,
}

/** SizeFrom is what the environment asks for: SMOKE, ROUNDS and MINUTES. */
export function sizeFrom(env: NodeJS.ProcessEnv): Size {
  if (env.SMOKE) return smoke
  return {
    ...full,
    rounds: positive(env.ROUNDS, full.rounds),
    minutes: positive(env.MINUTES, full.minutes),
  }
}

function positive(value: string | undefined, otherwise: number): number {
  if (!value) return otherwise
  const number = Number(value)
  if (!(number > 0)) throw new Error(`${value} is not a number above zero`)
  return number
}
