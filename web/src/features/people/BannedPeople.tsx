import { Undo2 } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { Bans } from '../../conversation/bans'
import { Avatar } from '../../design/Avatar'
import { Button, IconButton } from '../../design/Button'
import type { PersonInfo, RoomInfo } from '../../protocol/types'
import { t } from '../../text/text'
import { explain } from '../failure'
import { tell, warn } from '../notices/toast'
import { useCut, useWorkspace } from '../workspace'
import styles from './MembersPanel.module.css'

/** BannedPeople is who is kept out of the room, for those who may lift a ban; nothing while it is nobody. */
export function BannedPeople({ room }: { room: RoomInfo }) {
  const workspace = useWorkspace()
  const bans = useMemo(
    () => new Bans(room.id, (method, path, body) => workspace.session.call(method, path, body)),
    [workspace, room.id],
  )
  const { people, more, failed } = useStore(bans.state)
  const cut = useCut()
  useEffect(() => {
    void bans.refresh()
    const end = workspace.onArrival((id, { kind }) => {
      if (id === room.id) bans.happened(kind)
    })
    const unwatch = workspace.client.watch(({ phase }) => phase === 'up' && void bans.refresh())
    return () => {
      end()
      unwatch()
      bans.close()
    }
  }, [workspace, bans, room.id])

  const lift = async ({ id, name }: PersonInfo) => {
    try {
      await bans.lift(id)
      tell(t('people.unban.done', { name }))
    } catch (failure) {
      warn(explain(failure))
    }
  }

  // Without a connection the list of members says enough; with one it is read again.
  if (failed && people.length === 0 && !cut)
    return (
      <div className={styles.none}>
        <p role="alert">{t('people.bannedFailed')}</p>
        <Button onClick={() => void bans.refresh()}>{t('rooms.retry')}</Button>
      </div>
    )
  if (people.length === 0) return null
  return (
    <section aria-labelledby="members-banned">
      <h3 id="members-banned" className={styles.heading}>
        {t('people.banned')}
      </h3>
      <ul>
        {people.map((person) => (
          <li key={person.id} className={styles.person}>
            <span className={styles.name}>
              <Avatar id={person.id} name={person.name} size="small" />
              <span className={styles.who}>
                <bdi>{person.name}</bdi>
                <bdi className={styles.handle}>@{person.handle}</bdi>
              </span>
            </span>
            <IconButton label={t('people.unban', { name: person.name })} onClick={() => void lift(person)}>
              <Undo2 size={17} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      {more && (
        <Button look="quiet" onClick={() => void bans.more()}>
          {t('people.more')}
        </Button>
      )}
    </section>
  )
}
