import { quiet } from '../rare'

/** Completions offers people, rooms and emoji to whoever writes in a text area, of this room. */
export const Completions = quiet('CompletionList', () => import('./CompletionList'))
