import type { RefObject } from 'react'
import { quiet } from '../rare'

interface Props {
  area: RefObject<HTMLTextAreaElement | null>
  field: string
  text: string
}

/** FormatBar helps to write in marks. It is fetched when the page has time. */
export const FormatBar = quiet<'FormatBar', Props>('FormatBar', () => import('./FormatBar'))
