import { useStore } from 'zustand'
import { Dialog } from '../../design/Dialog'
import { type TextId, t } from '../../text/text'
import styles from './KeyboardDialog.module.css'
import { alternate, modifier } from './platform'
import { allowSingleKeys, singleKeys } from './singleKeys'

type Shortcut = readonly [TextId, readonly string[]]

const groups: readonly { title: TextId; shortcuts: readonly Shortcut[] }[] = [
  {
    title: 'keyboard.everywhere',
    shortcuts: [
      ['shortcut.switcher', [modifier('K')]],
      ['shortcut.rooms', [alternate('↑'), alternate('↓')]],
      ['shortcut.unread', [alternate('Shift ↑'), alternate('Shift ↓')]],
      ['shortcut.readAll', ['Shift Esc']],
      ['shortcut.move', [modifier('Shift ↑'), modifier('Shift ↓')]],
      ['shortcut.regions', ['F6', 'Shift F6']],
      ['shortcut.composer', [modifier('Shift L')]],
      ['shortcut.help', [modifier('/'), '?']],
    ],
  },
  {
    title: 'keyboard.room',
    shortcuts: [
      ['shortcut.latest', ['Esc', modifier('End')]],
      ['shortcut.firstUnread', ['Shift PgUp']],
      ['shortcut.oldest', [modifier('Home')]],
      ['shortcut.panel', [modifier('.')]],
    ],
  },
  {
    title: 'keyboard.writing',
    shortcuts: [
      ['shortcut.send', ['Enter']],
      ['shortcut.newline', ['Shift Enter']],
      ['shortcut.edit', ['↑']],
      ['shortcut.bold', [modifier('B')]],
      ['shortcut.italic', [modifier('I')]],
      ['shortcut.struck', [modifier('Shift X')]],
      ['shortcut.code', [modifier('E')]],
      ['format.block', [modifier('Shift 7')]],
      ['format.list', [modifier('Shift 8')]],
      ['format.quote', [modifier('Shift 9')]],
    ],
  },
  {
    title: 'keyboard.message',
    shortcuts: [
      ['shortcut.rows', ['↑', '↓']],
      ['message.edit', ['E']],
      ['message.markUnread', ['U']],
      ['message.copyLink', ['C']],
      ['message.delete', ['Del']],
      ['message.more', ['Shift F10']],
    ],
  },
]

/** KeyboardDialog lists the keys that do something, all of them, and lets those that are letters alone be switched off. */
export function KeyboardDialog({ onClose }: { onClose: () => void }) {
  const single = useStore(singleKeys)
  return (
    <Dialog title={t('account.shortcuts')} onClose={onClose}>
      {groups.map(({ title, shortcuts }) => (
        <section key={title} className={styles.group}>
          <h3 className={styles.title}>{t(title)}</h3>
          <dl>
            {shortcuts.map(([id, keys]) => (
              <div key={id} className={styles.line}>
                <dt>{t(id)}</dt>
                <dd>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label className={styles.single}>
        <input type="checkbox" checked={single} onChange={({ target }) => allowSingleKeys(target.checked)} />
        <span>
          {t('keyboard.single')}
          <small>{t('keyboard.singleHint')}</small>
        </span>
      </label>
    </Dialog>
  )
}
