import { t } from '../../text/text'

/** Characters of a room's name at most, after normalising; the server judges, this only tells early. */
const longest = 80

// Control characters, and those that change the writing direction of what follows.
const forbidden = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/u

/** NameError says what is wrong with a room's name; undefined when nothing is. */
export function nameError(name: string): string | undefined {
  const normal = name.normalize('NFC').trim()
  const length = [...normal].length
  if (length === 0) return t('create.error.missing')
  if (length > longest) return t('create.error.long', { count: length - longest })
  if (forbidden.test(normal)) return t('create.error.control')
  return undefined
}

/** Characters of a topic at most. */
const longestTopic = 250

/** TopicError says what is wrong with a room's topic; undefined when nothing is. */
export function topicError(topic: string): string | undefined {
  const length = [...topic.normalize('NFC').trim()].length
  return length > longestTopic ? t('create.error.long', { count: length - longestTopic }) : undefined
}
