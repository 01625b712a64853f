import { describe, expect, test } from 'vitest'
import { cursor, head, message, messages, nothing } from '../testing/events'
import { RoomLog } from './log'

const seqs = (log: RoomLog) => log.events.map((event) => event.seq)

function holding(from: number, to: number): RoomLog {
  const log = new RoomLog()
  for (const event of messages(from, to)) log.take(event)
  log.settle(head(to))
  return log
}

describe('what comes live', () => {
  test('is taken in order, once', () => {
    const log = holding(1, 3)
    expect(log.take(message(4))).toBe('taken')
    expect(log.take(message(4))).toBe('known')
    expect(log.take(message(2))).toBe('known')
    expect(seqs(log)).toEqual([1, 2, 3, 4])
    expect(log.cursor).toBe(cursor(4))
  })

  test('is not taken behind a hole', () => {
    const log = holding(1, 3)
    expect(log.take(message(5))).toBe('hole')
    expect(seqs(log)).toEqual([1, 2, 3])
    expect(log.cursor).toBe(cursor(3))
    expect(log.complete).toBe(false)
    log.take(message(4))
    expect(log.take(message(5))).toBe('taken')
    expect(log.complete).toBe(true)
  })

  test('counts voids and unknown kinds without showing them', () => {
    const log = holding(1, 2)
    expect(log.take(nothing(3))).toBe('taken')
    expect(log.take(message(4, { kind: 'something new' }))).toBe('taken')
    expect(log.take(message(5))).toBe('taken')
    expect(seqs(log)).toEqual([1, 2, 5])
    expect(log.high).toBe(5)
  })

  test('gives out arrays that never change', () => {
    const log = holding(1, 2)
    const before = log.events
    log.take(message(3))
    expect(before).toHaveLength(2)
  })
})

describe('a gap', () => {
  test('drops what is held below it and owes it', () => {
    const log = holding(1, 10)
    log.skip({ from: 11, to: 100 })
    expect(log.events).toEqual([])
    expect(log.take(message(101))).toBe('taken')
    log.settle(head(101))
    expect(seqs(log)).toEqual([101])
    expect(log.complete).toBe(false)
  })

  test('is paid by pages down to what was held', () => {
    const log = holding(1, 10)
    log.skip({ from: 11, to: 100 })
    log.take(message(101))
    log.settle(head(101))
    log.prepend(101, { events: messages(51, 100), moreBefore: true })
    expect(log.complete).toBe(false)
    log.prepend(51, { events: messages(1, 50), moreBefore: false })
    expect(log.complete).toBe(true)
    expect(seqs(log)).toEqual(messages(1, 101).map((event) => event.seq))
  })

  test('repeated by the answer changes nothing', () => {
    const log = new RoomLog()
    log.skip({ from: 1, to: 100 })
    log.take(message(101))
    log.skip({ from: 1, to: 100 })
    expect(seqs(log)).toEqual([101])
  })

  test('on a new device owes nothing', () => {
    const log = new RoomLog()
    log.skip({ from: 1, to: 100 })
    log.take(message(101))
    log.settle(head(101))
    expect(log.complete).toBe(true)
  })

  test('without events behind it takes the cursor of the head', () => {
    const log = holding(1, 10)
    log.skip({ from: 11, to: 100 })
    expect(log.cursor).toBeUndefined()
    expect(log.settle(head(100))).toBe('taken')
    expect(log.cursor).toBe(cursor(100))
  })
})

describe('pages', () => {
  test('extend downwards', () => {
    const log = holding(51, 60)
    expect(log.prepend(51, { events: messages(1, 50), moreBefore: false })).toBe('taken')
    expect(log.events).toHaveLength(60)
    expect(log.fromStart).toBe(true)
  })

  test('asked for before the log moved are ignored', () => {
    const log = holding(51, 60)
    log.prepend(51, { events: messages(41, 50), moreBefore: true })
    expect(log.prepend(51, { events: messages(41, 50), moreBefore: true })).toBe('known')
    expect(seqs(log)).toEqual(messages(41, 60).map((event) => event.seq))
  })

  test('that overlap add no event twice', () => {
    const log = holding(51, 60)
    log.prepend(51, { events: messages(45, 55), moreBefore: true })
    expect(seqs(log)).toEqual(messages(45, 60).map((event) => event.seq))
  })

  test.each([
    ['are empty although more should exist', []],
    ['do not reach up to what is held', messages(40, 49)],
  ])('that %s are refused', (_, events) => {
    const log = holding(51, 60)
    expect(log.prepend(51, { events, moreBefore: true })).toBe('hole')
    expect(log.floor).toBe(51)
  })

  test('show where the room begins for this person', () => {
    const log = holding(51, 60)
    log.prepend(51, { events: messages(20, 50), moreBefore: false })
    expect(log.fromStart).toBe(true)
    const empty = holding(20, 60)
    empty.prepend(20, { events: [], moreBefore: false })
    expect(empty.fromStart).toBe(true)
  })
})

describe('the end of a catch-up', () => {
  test('shows a lost tail', () => {
    const log = new RoomLog()
    for (const event of messages(1, 3)) log.take(event)
    expect(log.settle(head(5))).toBe('hole')
    expect(log.complete).toBe(false)
  })

  test('of an empty log starts behind the head', () => {
    const log = new RoomLog()
    expect(log.settle(head(40))).toBe('taken')
    expect(log.cursor).toBe(cursor(40))
    expect(log.take(message(41))).toBe('taken')
    log.prepend(41, { events: messages(31, 40), moreBefore: true })
    expect(seqs(log)).toEqual(messages(31, 41).map((event) => event.seq))
  })

  test('waits for what the person has not seen', () => {
    const log = holding(50, 60)
    log.owe(40)
    expect(log.complete).toBe(false)
    log.prepend(50, { events: messages(30, 49), moreBefore: true })
    expect(log.complete).toBe(true)
  })
})

test('trimming lets go of the oldest, and owes nothing for it', () => {
  const log = holding(1, 60)
  log.trim(10)
  expect(seqs(log)).toEqual(messages(51, 60).map((event) => event.seq))
  expect(log.floor).toBe(51)
  expect(log.complete).toBe(true)
  log.prepend(51, { events: messages(1, 50), moreBefore: false })
  expect(log.events).toHaveLength(60)
})

test('clearing forgets everything', () => {
  const log = holding(1, 10)
  log.clear()
  expect(log.events).toEqual([])
  expect(log.cursor).toBeUndefined()
  expect(log.take(message(5))).toBe('taken')
  expect(log.floor).toBe(5)
})

test('any shuffling of a stream with its repeats ends in the same log', () => {
  let state = 12345
  const random = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31
    return state / 2 ** 31
  }
  for (let round = 0; round < 200; round++) {
    const log = new RoomLog()
    const last = 30
    // What is lost is asked for again from the cursor, as after a re-join.
    while (log.high < last) {
      const from = Math.max(1, log.high + 1 - Math.floor(random() * 3))
      for (const event of messages(from, last)) {
        if (random() < 0.1) continue
        if (log.take(event) === 'hole') break
      }
    }
    expect(seqs(log)).toEqual(messages(log.floor, last).map((event) => event.seq))
  }
})

describe('a change of a message', () => {
  const edit = (seq: number, targetSeq: number, messageText: string, rev = seq) =>
    message(seq, { kind: 'edit', targetSeq, messageText, rev })
  const del = (seq: number, targetSeq: number) => {
    const { messageText: _, ...bare } = message(seq, { kind: 'delete', targetSeq, rev: seq })
    return bare
  }
  const said = (log: RoomLog) => log.events.map(({ messageText, deleted }) => (deleted ? '-' : messageText))

  test('changes the message and is counted, not shown', () => {
    const log = holding(1, 2)
    const before = log.events
    expect(log.take(edit(3, 1, 'better'))).toBe('taken')
    expect(said(log)).toEqual(['better', 'text 2'])
    expect(before[0]?.messageText).toBe('text 1')
    log.take(del(4, 2))
    expect(said(log)).toEqual(['better', '-'])
    expect(log.events[1]).not.toHaveProperty('messageText')
    expect(log.high).toBe(4)
  })

  test('counts by its rev, and nothing brings a deleted message back', () => {
    const log = holding(1, 1)
    log.take(edit(2, 1, 'the second', 3))
    log.take(edit(3, 1, 'seen already', 3))
    expect(said(log)).toEqual(['the second'])
    log.take(message(4, { kind: 'edit', targetSeq: 1, rev: 5, deleted: true }))
    log.take(edit(6, 1, 'back', 6))
    expect(said(log)).toEqual(['-'])
  })

  test('of a message further up is laid over the page that brings it', () => {
    const log = holding(11, 12)
    log.take(edit(13, 9, 'better'))
    log.take(edit(14, 10, 'old', 14))
    log.prepend(11, {
      events: [message(9), message(10, { rev: 15, messageText: 'newest' })],
      moreBefore: true,
    })
    expect(said(log)).toEqual(['better', 'newest', 'text 11', 'text 12'])
  })
})
