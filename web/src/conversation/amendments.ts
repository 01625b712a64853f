import { droppable, type Outbox } from 'parley-client'
import { DeleteMessage, EditMessage } from '../protocol/types'
import { type Change, sorted, wantedText } from './outgoing'

/**
 * Amendments are the changes of one room's messages. They wait in the room's
 * outbox like messages. A message has one at most that waits: a newer one takes
 * its place, and follows one that may have reached the server.
 */
export class Amendments {
  readonly #outbox: Outbox

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  edit(target: number, text: string): void {
    this.#supersede(target)
    this.#outbox.add({ event: EditMessage, target, text })
  }

  delete(target: number): void {
    this.#supersede(target)
    this.#outbox.add({ event: DeleteMessage, target })
  }

  /** Retry makes a failed change anew. */
  retry(target: number): void {
    const failed = this.#of(target).find(({ phase }) => phase === 'failed')
    if (!failed) return
    const text = wantedText(failed)
    if (text === undefined) this.delete(target)
    else this.edit(target, text)
  }

  /** Discard gives up a failed change: the message is what it was. */
  discard(target: number): void {
    for (const { cid, phase } of this.#of(target)) if (phase === 'failed') this.#outbox.drop(cid)
  }

  #supersede(target: number): void {
    for (const change of this.#of(target)) if (droppable(change)) this.#outbox.drop(change.cid)
  }

  #of(target: number): Change[] {
    return sorted(this.#outbox.list).changes.filter((change) => change.target === target)
  }
}
