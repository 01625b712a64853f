import { choices, type Status, statusIn } from '../../conversation/status'
import { Choice } from '../../design/Choice'
import type { StatusRequest } from '../../protocol/types'
import { t } from '../../text/text'
import { explain } from '../failure'
import { warn } from '../notices/toast'
import { StatusSign } from '../presence/StatusSign'
import { useOwnStatus, useWorkspace } from '../workspace'
import styles from './StatusField.module.css'

const options = choices.map((value) => ({ value, icon: () => <StatusSign status={value} /> }))

/** StatusField is how the person wants to be shown to others, on all of their devices. */
export function StatusField() {
  const { ownStatus } = useWorkspace()
  const { status, hideLastSeen } = useOwnStatus()
  const choose = (change: StatusRequest) =>
    void ownStatus.choose(change).catch((failure) => warn(explain(failure)))
  return (
    <div className={styles.field}>
      <Choice<Status>
        label={t('status.label')}
        value={statusIn(status)}
        onChange={(status) => choose({ status })}
        options={options.map((option) => ({ ...option, label: t(`status.${option.value}`) }))}
      />
      <label className={styles.seen}>
        <input
          type="checkbox"
          checked={!hideLastSeen}
          onChange={({ target }) => choose({ hideLastSeen: !target.checked })}
        />
        {t('status.showLastSeen')}
      </label>
    </div>
  )
}
