/** What has no test yet, and why. */
interface Later {
  text: string
  later: string
}

/**
 * What the client promises before anything else, by the ids that stand in the
 * names of the browser tests. Each has a test, or says why it has none yet.
 */
export const promises: Readonly<Record<string, string | Later>> = {
  'U-01': 'the printed link makes the first owner, who finds a room and what to do first',
  'U-02': 'signing up and in: labels, autocomplete, errors at their fields, the focus on the first one',
  'U-03': 'a session that ends in the middle of work loses nothing',
  'U-10': 'rooms are made, found, joined, left, renamed and archived',
  'U-11': 'the switcher',
  'U-12': 'what is unread, in the list, the title and the icon',
  'U-20': 'a room opens where one stopped reading, without a jump',
  'U-21': 'older messages come without a jump',
  'U-22': 'the end is followed, a reader further up is left alone',
  'U-23': 'a message far up is gone to, and the way back has no hole',
  'U-24': 'an own message leads to the end',
  'U-25': 'the line above what is unread, and going back behind it',
  'U-26': 'days',
  'U-27': 'groups of one author',
  'U-40': 'an own message is in sight at once',
  'U-41': 'no message twice, whatever is lost',
  'U-42': 'what waits survives a reload',
  'U-43': 'drafts',
  'U-44': 'what cannot be sent, and the limit of length',
  'U-45': 'people, rooms and emoji while writing',
  'U-50': 'who writes',
  'U-51': 'who is online',
  'U-52': { text: 'replies and threads', later: 'the server has none yet' },
  'U-53': { text: 'reactions', later: 'the server has none yet' },
  'U-60': 'what is said about the connection',
  'U-61': 'catching up after a cut, a sleep or a killed server, once and in order',
  'U-62': 'a second device is in step',
  'U-63': 'a new version is offered, and nothing is lost',
  'U-80': 'light and dark, before the first paint',
  'U-81': 'a phone',
  'U-84': 'installing, and what was last seen without a network',
  'A-01': 'landmarks, a way past the list, the room as the title',
  'A-02': 'messages are rows that the arrow keys walk',
  'A-03': 'new messages are announced in a region of their own',
  'A-04': 'everything by keyboard',
  'A-05': 'no bar covers the row that has the focus',
  'A-06': 'axe finds nothing',
}
