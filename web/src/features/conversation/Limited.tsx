import { Hourglass } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ConversationView } from '../../conversation/conversation'
import { t } from '../../text/text'
import styles from './Limited.module.css'

/** Codes that mean: later. */
const later = new Set(['rate_limited', 'busy'])

/** Limited says, while the server takes no more from the person, when what they wrote goes on. */
export function Limited({ outgoing, changes }: Pick<ConversationView, 'outgoing' | 'changes'>) {
  const refused = [...outgoing, ...changes].find((one) => one.refused && later.has(one.refused.code))?.refused
  const until = refused?.until
  const [now, setNow] = useState(Date.now)
  const [said, setSaid] = useState('')
  useEffect(() => {
    const start = Date.now()
    // Of a moment nobody needs to hear.
    if (until === undefined || until - start < 1_000) return setSaid('')
    setNow(start)
    // Said once; whoever sees it sees it count down.
    setSaid(t('send.limited', { count: secondsTo(until, start) }))
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [until])
  return (
    <>
      <p role="status" className="visually-hidden">
        {said}
      </p>
      {until !== undefined && said !== '' && (
        <p aria-hidden className={styles.limited}>
          <Hourglass size={14} />
          {t('send.limited', { count: secondsTo(until, now) })}
        </p>
      )}
    </>
  )
}

function secondsTo(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1_000))
}
