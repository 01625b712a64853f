import type { RefObject } from 'react'
import { quiet } from '../rare'

// What helps to write in marks, fetched when the page has time.

interface Field {
  area: RefObject<HTMLTextAreaElement | null>
}

export const FormatBar = quiet<'FormatBar', Field & { text: string }>(
  'FormatBar',
  () => import('./FormatBar'),
)
export const Pasting = quiet<'Pasting', Field>('Pasting', () => import('./FormatBar'))
