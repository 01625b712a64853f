import { plain } from '../../conversation/formatting'
import type { Line } from '../../conversation/news'
import type { RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { titleFor } from '../rooms/title'

/** Characters of a message that a notification shows. */
const mostCharacters = 200

/** What a notification says, as plain text. */
export interface Words {
  title: string
  body: string
}

/** What there is to say of a room. */
export interface Saying {
  room: RoomInfo
  /** How many messages came since nothing is shown of the room. */
  count: number
  /** The messages are those that name the person. */
  naming: boolean
  /** What the one message says; undefined when it is several, or not known. */
  line: Line | undefined
}

/** WordsOf says what has come in a room. Hidden: that something has come, and nothing else. */
export function wordsOf({ room, count, naming, line }: Saying, hidden: boolean): Words {
  if (hidden) return hiddenWords(count)
  const title = oneLine(titleFor(room))
  if (!line) return { title, body: t(naming ? 'rooms.mentions' : 'timeline.arrivedMany', { count }) }
  const text = oneLine(plain(line.text))
  const name = oneLine(line.name)
  return { title, body: room.kind === 'direct' ? text : t('timeline.arrived', { name, text }) }
}

/** WordsOfMany says that something has come in so many rooms at once that none is named. */
export function wordsOfMany(rooms: number, count: number, hidden: boolean): Words {
  return hidden ? hiddenWords(count) : { title: t('app.name'), body: t('notify.rooms', { count: rooms }) }
}

function hiddenWords(count: number): Words {
  const body = count === 1 ? t('notify.new') : t('timeline.arrivedMany', { count })
  return { title: t('app.name'), body }
}

/** OneLine is a text without what breaks lines, cannot be seen, or turns the writing of what surrounds it. */
function oneLine(text: string): string {
  const characters = [
    ...text
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
      .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
      .trim(),
  ]
  return characters.length > mostCharacters
    ? `${characters.slice(0, mostCharacters).join('')}…`
    : characters.join('')
}
