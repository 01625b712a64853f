import { Outbox } from 'parley-client'
import { beforeEach, expect, test } from 'vitest'
import type { Refusal, SendAck } from '../protocol/types'
import { cursor, room } from '../testing/events'
import { Amendments } from './amendments'
import { sorted, wantedText } from './outgoing'

interface Sent {
  payload: { cid: string; messageText?: string; targetSeq: number; retry?: boolean }
  answer(answer: SendAck | Refusal): void
}

let sent: Sent[]
let open: boolean
let outbox: Outbox
let amendments: Amendments

beforeEach(() => {
  sent = []
  open = true
  outbox = new Outbox({
    roomId: room,
    open: () => open,
    ask: (_, payload, answer) => sent.push({ payload: payload as Sent['payload'], answer }),
  })
  amendments = new Amendments(outbox)
})

const ok = (seq: number): SendAck => ({ ok: true, id: 'id', seq, cursor: cursor(seq), at: 1 })
const no = (code: string): Refusal => ({ ok: false, error: { code, message: code } })
const phases = () =>
  sorted(outbox.list).changes.map((change) => `${change.target} ${wantedText(change)} ${change.phase}`)

test('a change goes at once and stays until the log has it', () => {
  amendments.edit(4, 'better')
  expect(sent[0]?.payload).toMatchObject({ targetSeq: 4, messageText: 'better' })
  sent[0]?.answer(ok(9))
  expect(phases()).toEqual(['4 better sent'])
  outbox.passed(8)
  expect(phases()).toHaveLength(1)
  outbox.passed(9)
  expect(phases()).toHaveLength(0)
})

test('what is refused for good says why, and is made anew or given up', () => {
  amendments.delete(4)
  sent[0]?.answer(no('gone'))
  expect(phases()).toEqual(['4 undefined failed'])
  amendments.retry(4)
  expect(sent[1]?.payload.cid).not.toBe(sent[0]?.payload.cid)
  expect(sent[1]?.payload.retry).toBeUndefined()
  sent[1]?.answer(no('forbidden'))
  amendments.discard(4)
  expect(phases()).toHaveLength(0)
})

test('a newer change takes the place of one that waits, and follows one that may have arrived', () => {
  open = false
  amendments.edit(4, 'first')
  amendments.edit(4, 'second')
  expect(phases()).toEqual(['4 second waiting'])
  open = true
  outbox.opened()
  amendments.edit(4, 'third')
  expect(phases()).toEqual(['4 second sending', '4 third waiting'])
  sent[0]?.answer(ok(9))
  expect(sent.map(({ payload }) => payload.messageText)).toEqual(['second', 'third'])
})
