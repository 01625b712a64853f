import { memo } from 'react'
import { type Statement, statements } from '../../conversation/notices'
import type { Event } from '../../protocol/types'
import { formatNumber, parts, type TextId, t, useLanguage, type Values } from '../../text/text'
import { useWorkspace } from '../workspace'
import styles from './NoticeRow.module.css'

/** NoticeRow tells in one quiet line what happened between messages. */
export const NoticeRow = memo(function NoticeRow({
  rowKey,
  events,
}: {
  rowKey: string
  events: readonly Event[]
}) {
  useLanguage()
  const { people } = useWorkspace()
  const lines = statements(events, (id) => people.nameOf(id) || t('notice.somebody'))
  if (lines.length === 0) return null
  return (
    <div className={styles.notice} data-row={rowKey}>
      {lines.map((statement) => (
        <div key={`${statement.kind}${'to' in statement ? statement.to : ''}`}>
          <Sentence statement={statement} />
        </div>
      ))}
    </div>
  )
})

function Sentence({ statement }: { statement: Statement }) {
  const [id, values] = wording(statement)
  return parts(id, values).map((part) =>
    typeof part === 'string' ? part : <bdi key={part.name}>{written(values[part.name])}</bdi>,
  )
}

function written(value: string | number | undefined): string {
  return typeof value === 'number' ? formatNumber(value) : (value ?? '')
}

function wording(statement: Statement): [TextId, Values] {
  if (!('names' in statement)) return [`notice.${statement.kind}`, { name: statement.name, to: statement.to }]
  const { kind, names } = statement
  const [name = '', other = ''] = names
  if (names.length === 1) return [`notice.${kind}`, { name }]
  if (names.length === 2) return [`notice.${kind}Two`, { name, other }]
  return [`notice.${kind}Many`, { name, other, count: names.length - 2 }]
}
