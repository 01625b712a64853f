/** What is measured, and what it may be. */
export interface Line {
  /** Of the promise, as F-01. */
  id: string
  what: string
  unit: 'ms' | 'px' | 'MB' | 'MB/min' | ''
  /** What the figure has to stay below; undefined where nothing is promised. */
  below?: number
  /** What is compared with it: the median unless told. */
  judged?: 'p95' | 'most'
  values: number[]
}

/** Percentile is the smallest value that so many parts of all are not above; nearest rank. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}

/** Median is the middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/** Holds says whether a line keeps its promise. */
export function holds({ below = Number.POSITIVE_INFINITY, judged, values }: Line): boolean {
  if (judged === 'most') return Math.max(...values) <= below
  return (judged === 'p95' ? percentile(values, 0.95) : median(values)) <= below
}

/** Table is the lines as Markdown. */
export function table(lines: readonly Line[]): string {
  const rows = lines.map((line) => {
    const { id, what, unit, below, judged = 'median', values } = line
    const promised = below === undefined ? '–' : `${judged} ≤ ${below} ${unit}`.trim()
    const verdict = below === undefined ? '' : holds(line) ? 'yes' : '**no**'
    const figures = [median(values), percentile(values, 0.95), Math.max(...values)]
    return `| ${[id, what, promised, ...figures.map(short), values.length, verdict].join(' | ')} |`
  })
  return [
    '| | | promised | median | p95 | most | of | holds |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function short(value: number): string {
  if (value === Math.round(value)) return String(value)
  return value.toFixed(Math.abs(value) < 10 ? 1 : 0)
}
