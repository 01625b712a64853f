import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Refusal, SendAck } from '../protocol/types'
import { type Deferred, defer, flush } from '../testing/defer'
import { cursor } from '../testing/events'
import { type Amendment, Amendments } from './amendments'

type Answer = SendAck | Refusal

interface Sent extends Deferred<Answer> {
  amendment: Amendment
  retry: boolean
}

function open(): { amendments: Amendments; sent: Sent[] } {
  const sent: Sent[] = []
  const amendments = new Amendments({
    send: (amendment, retry) => {
      const answer = { ...defer<Answer>(), amendment, retry }
      sent.push(answer)
      return answer.promise
    },
    changed: () => undefined,
  })
  amendments.open()
  return { amendments, sent }
}

const ok = (seq: number): SendAck => ({ ok: true, id: 'id', seq, cursor: cursor(seq), at: 1 })
const no = (code: string): Refusal => ({ ok: false, error: { code, message: code } })
const phases = ({ list }: Amendments) =>
  list.map(({ targetSeq, text, phase }) => `${targetSeq} ${text} ${phase}`)

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a change goes at once and stays until the log has it', async () => {
  const { amendments, sent } = open()
  amendments.edit(4, 'better')
  expect(sent[0]?.amendment).toMatchObject({ targetSeq: 4, text: 'better' })
  sent[0]?.resolve(ok(9))
  await flush()
  expect(phases(amendments)).toEqual(['4 better sent'])
  amendments.passed(8)
  expect(amendments.list).toHaveLength(1)
  amendments.passed(9)
  expect(amendments.list).toHaveLength(0)
})

test('without an answer the same change is sent again, as a retry', async () => {
  const { amendments, sent } = open()
  amendments.delete(4)
  amendments.close()
  sent[0]?.reject(new Error('lost'))
  await flush()
  expect(phases(amendments)).toEqual(['4 undefined waiting'])
  amendments.open()
  expect(sent[1]?.retry).toBe(true)
  expect(sent[1]?.amendment.cid).toBe(sent[0]?.amendment.cid)
  sent[1]?.resolve(no('busy'))
  await flush()
  await vi.runAllTimersAsync()
  expect(sent).toHaveLength(3)
})

test('what is refused for good says why, and is tried as a new change or given up', async () => {
  const { amendments, sent } = open()
  amendments.edit(4, 'better')
  sent[0]?.resolve(no('gone'))
  await flush()
  expect(phases(amendments)).toEqual(['4 better failed'])
  amendments.retry(4)
  expect(sent[1]?.amendment.cid).not.toBe(sent[0]?.amendment.cid)
  expect(sent[1]?.retry).toBe(false)
  sent[1]?.resolve(no('forbidden'))
  await flush()
  amendments.discard(4)
  expect(amendments.list).toHaveLength(0)
})

test('a newer change takes the place of one that waits, and follows one that may have arrived', async () => {
  const { amendments, sent } = open()
  amendments.close()
  amendments.edit(4, 'first')
  amendments.edit(4, 'second')
  expect(phases(amendments)).toEqual(['4 second waiting'])
  amendments.open()
  amendments.edit(4, 'third')
  expect(phases(amendments)).toEqual(['4 second sending', '4 third waiting'])
  sent[0]?.resolve(ok(9))
  await flush()
  expect(sent.map(({ amendment }) => amendment.text)).toEqual(['second', 'third'])
})
