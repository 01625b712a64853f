import { type CSSProperties, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { addressOf, lookUp, pictures } from '../conversation/pictures'
import styles from './Avatar.module.css'

interface Props {
  id: number
  name: string
  size?: 'large' | 'medium' | 'small' | 'tiny'
}

/**
 * Avatar is a person's picture; while it comes, and where there is none, their
 * initials on a colour that is always theirs. It has its size from the start,
 * and it repeats a name, so it says nothing itself.
 */
export function Avatar({ id, name, size }: Props) {
  const colour = { '--hue': hueOf(id) } as CSSProperties
  const picture = useStore(pictures, (known) => known[id])
  useEffect(() => lookUp(id), [id])
  const names = [styles.avatar, size && styles[size], picture && styles.pictured]
  return (
    <span className={names.filter(Boolean).join(' ')} style={colour} aria-hidden>
      {initials(name)}
      {picture && <Picture key={picture} src={addressOf(picture)} />}
    </span>
  )
}

/** Picture covers the initials when it is there, and stays out of sight when it does not come. */
function Picture({ src }: { src: string }) {
  const [loaded, setLoaded] = useState(false)
  return (
    <img
      src={src}
      alt=""
      draggable={false}
      decoding="async"
      className={styles.picture}
      data-loaded={loaded || undefined}
      onLoad={() => setLoaded(true)}
    />
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
