import type { CSSProperties } from 'react'
import styles from './Avatar.module.css'

/** Avatar is a person's initials on a colour that is always theirs. It repeats a name, so it says nothing itself. */
export function Avatar({ id, name, size }: { id: number; name: string; size?: 'small' | 'tiny' }) {
  const colour = { '--hue': hueOf(id) } as CSSProperties
  return (
    <span className={size ? `${styles.avatar} ${styles[size]}` : styles.avatar} style={colour} aria-hidden>
      {initials(name)}
    </span>
  )
}

/** Neighbouring ids get colours far apart: each id turns the circle by the golden angle. */
function hueOf(id: number): number {
  return Math.round((id * 137.508 + 20) % 360)
}

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? name]
  return letters.map((word) => firstLetter(word ?? '')).join('')
}

function firstLetter(word: string): string {
  const first = segments.segment(word)[Symbol.iterator]().next().value
  return (first?.segment ?? '').toLocaleUpperCase()
}
