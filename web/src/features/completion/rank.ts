import { score } from '../rooms/match'

/** What {@link score} gives at most to letters that do not stand together. */
const scattered = 400

/**
 * RankOf is how well what was written fits a name, 0 if not at all. Unlike in a
 * box that only searches, the letters have to stand together: Enter, which is
 * meant to send, takes what is offered.
 */
export function rankOf(query: string, name: string): number {
  const found = score(query, name)
  return query === '' || found > scattered ? found : 0
}
