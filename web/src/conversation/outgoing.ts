import type { Outgoing } from 'parley-client'
import { SendMessage } from '../protocol/types'

/** A message on its way. */
export type Message = Extract<Outgoing, { event: typeof SendMessage }>

/** A change of a message on its way: another text, or none when the message is to be deleted. */
export type Change = Exclude<Outgoing, Message>

/** What is on its way in one room. */
export interface OnTheirWay {
  messages: readonly Message[]
  changes: readonly Change[]
}

/** Sorted tells messages from changes. */
export function sorted(list: readonly Outgoing[]): OnTheirWay {
  return {
    messages: list.filter((one): one is Message => one.event === SendMessage),
    changes: list.filter((one): one is Change => one.event !== SendMessage),
  }
}

/** WantedText is what a message is to say; undefined when it is to be deleted. */
export function wantedText(change: Change): string | undefined {
  return 'text' in change ? change.text : undefined
}
