import { expect, test } from 'vitest'
import type { Preference, Waiting } from './preferences'
import { type Here, within, worth } from './telling'

interface Case {
  coming?: Partial<Waiting>
  kind?: string
  preference?: Partial<Preference>
  here?: Partial<Here>
}

const tells = ({ coming, kind = 'public', preference, here }: Case) =>
  worth(
    { unread: 3, mentions: 1, ...coming },
    kind,
    { starred: false, muted: false, notify: 'all', place: 0, ...preference },
    { on: true, teller: true, looking: false, quiet: false, status: 'online', ...here },
  )

test.each<[string, number, Case]>([
  ['an ordinary room, looked at by nobody', 3, {}],
  ['nothing has come', 0, { coming: { unread: 0, mentions: 0 } }],
  ['a star changes nothing', 3, { preference: { starred: true } }],
  ['a private room', 3, { kind: 'private' }],
  ['a group', 3, { kind: 'group' }],
  ['a direct room', 3, { kind: 'direct' }],

  ['mentions alone', 1, { preference: { notify: 'mentions' } }],
  ['mentions alone, and none came', 0, { coming: { mentions: 0 }, preference: { notify: 'mentions' } }],
  ['mentions alone in a group', 1, { kind: 'group', preference: { notify: 'mentions' } }],
  [
    'mentions alone between two people: every message',
    3,
    { kind: 'direct', preference: { notify: 'mentions' } },
  ],
  [
    'a mention that is counted late, in a room of mentions',
    1,
    { coming: { unread: 0 }, preference: { notify: 'mentions' } },
  ],
  ['a mention that is counted late, in a room of which everything was told', 0, { coming: { unread: 0 } }],
  ['nothing wanted', 0, { preference: { notify: 'none' } }],
  ['nothing wanted of a direct room', 0, { kind: 'direct', preference: { notify: 'none' } }],
  ['muted: what names the person', 1, { preference: { muted: true } }],
  ['muted, and nothing names the person', 0, { coming: { mentions: 0 }, preference: { muted: true } }],
  ['a muted direct room', 0, { coming: { mentions: 0 }, kind: 'direct', preference: { muted: true } }],
  ['muted, and mentions alone', 1, { preference: { muted: true, notify: 'mentions' } }],
  ['muted, and nothing wanted', 0, { preference: { muted: true, notify: 'none' } }],

  ['switched off, or not permitted', 0, { here: { on: false } }],
  ['another page of this browser tells', 0, { here: { teller: false } }],
  ['somebody looks at the room', 0, { here: { looking: true } }],
  ['somebody looks at the direct room', 0, { kind: 'direct', here: { looking: true } }],
  ['quiet hours', 0, { here: { quiet: true } }],
  ['quiet hours, direct', 0, { kind: 'direct', here: { quiet: true } }],
  ['do not disturb', 0, { here: { status: 'dnd' } }],
  ['do not disturb, direct', 0, { kind: 'direct', here: { status: 'dnd' } }],
  ['away', 3, { here: { status: 'away' } }],
  ['a status that is not known yet', 3, { here: { status: 'sleeping' } }],
])('%s: %i', (_, count, given) => {
  expect(tells(given)).toBe(count)
})

test.each<[string, string, string, boolean]>([
  ['09:00', '17:00', '08:59', false],
  ['09:00', '17:00', '09:00', true],
  ['09:00', '17:00', '16:59', true],
  ['09:00', '17:00', '17:00', false],
  ['22:00', '07:00', '21:59', false],
  ['22:00', '07:00', '22:00', true],
  ['22:00', '07:00', '00:00', true],
  ['22:00', '07:00', '06:59', true],
  ['22:00', '07:00', '07:00', false],
  ['00:00', '23:59', '23:58', true],
  ['08:00', '08:00', '08:00', false],
  ['', '07:00', '03:00', false],
  ['22:00', '24:00', '23:00', false],
])('the hours from %s until %s have %s in them: %s', (from, until, at, inside) => {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  expect(within({ from, until }, new Date(2026, 10, 26, hours, minutes))).toBe(inside)
})
