import {
  Ban,
  Crown,
  Ellipsis,
  MessageCircle,
  Search,
  ShieldCheck,
  ShieldMinus,
  UserMinus,
  UserPlus,
} from 'lucide-react'
import { memo, useState } from 'react'
import { useLocation } from 'wouter'
import type { Members } from '../../conversation/members'
import { may, outranks } from '../../conversation/rights'
import { type Status, statusIn, statusOf } from '../../conversation/status'
import { Button, IconButton } from '../../design/Button'
import { Confirm } from '../../design/Confirm'
import { LongList } from '../../design/LongList'
import { MenuButton, type MenuItem } from '../../design/Menu'
import type { MemberInfo, OnlinePerson, RoomInfo } from '../../protocol/types'
import { t, useLanguage } from '../../text/text'
import { explain } from '../failure'
import { tell, warn } from '../notices/toast'
import { Face } from '../presence/Face'
import { InviteDialog } from '../rooms/dialogs'
import { score } from '../rooms/match'
import { titleFor } from '../rooms/title'
import { useCut, useWorkspace } from '../workspace'
import { BannedPeople } from './BannedPeople'
import styles from './MembersPanel.module.css'
import { useMembers } from './useMembers'

/** What is asked before it is done to a member. */
interface Question {
  deed: 'remove' | 'ban' | 'handOver'
  member: MemberInfo
}

/** MembersPanel is who is in the room, who of them is here now, and what one may do about them. */
export const MembersPanel = memo(function MembersPanel({
  room,
  online,
}: {
  room: RoomInfo
  online: readonly OnlinePerson[] | undefined
}) {
  useLanguage()
  const { members, view } = useMembers(room.id)
  const [query, setQuery] = useState('')
  const [inviting, setInviting] = useState(false)
  const [question, setQuestion] = useState<Question>()
  const cut = useCut()
  const statusFor = ({ id, status }: MemberInfo) =>
    cut ? undefined : (statusOf(online, id) ?? statusIn(status))
  const here = (member: MemberInfo) => statusFor(member) !== 'offline'
  const found = view.members.filter(
    ({ name, handle }) => score(query, name) > 0 || score(query.replace(/^@/, ''), handle) > 0,
  )
  const sections = cut
    ? ([{ id: 'members-all', title: 'people.members', list: found }] as const)
    : ([
        { id: 'members-here', title: 'people.here', list: found.filter(here) },
        { id: 'members-away', title: 'people.away', list: found.filter((member) => !here(member)) },
      ] as const)

  return (
    <div className={styles.panel}>
      <div className={styles.tools}>
        <label className={styles.search}>
          <Search size={15} aria-hidden />
          <input
            type="search"
            aria-label={t('people.search')}
            placeholder={t('people.search')}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            autoComplete="off"
            dir="auto"
          />
        </label>
        {may(room, 'invite') && (
          <IconButton label={t('people.invite')} onClick={() => setInviting(true)}>
            <UserPlus size={18} aria-hidden />
          </IconButton>
        )}
      </div>
      {view.failed && !view.loaded && (
        <div className={styles.none}>
          <p role="alert">{t('people.failed')}</p>
          <Button onClick={() => void members.refresh()}>{t('rooms.retry')}</Button>
        </div>
      )}
      {view.loaded && found.length === 0 && <p className={styles.none}>{t('people.noMatch')}</p>}
      {sections.map(
        ({ id, title, list }) =>
          list.length > 0 && (
            <section key={id} aria-labelledby={id}>
              <h3 id={id} className={styles.heading}>
                {t(title, { count: list.length })}
              </h3>
              <LongList items={list} height="(var(--target) + 0.5rem)">
                {(member) => (
                  <Person
                    key={member.id}
                    room={room}
                    members={members}
                    member={member}
                    status={statusFor(member)}
                    onAsk={setQuestion}
                  />
                )}
              </LongList>
            </section>
          ),
      )}
      {view.more && (
        <Button look="quiet" onClick={() => members.more().catch((failure) => warn(explain(failure)))}>
          {t('people.more')}
        </Button>
      )}
      {may(room, 'ban') && <BannedPeople room={room} />}
      {inviting && <InviteDialog room={room} onClose={() => setInviting(false)} />}
      {question && (
        <Ask room={room} members={members} question={question} onClose={() => setQuestion(undefined)} />
      )}
    </div>
  )
})

/** Person is one of the members; who comes and goes is no work for the rows of all others. */
const Person = memo(function Person({
  room,
  members,
  member,
  status,
  onAsk,
}: {
  room: RoomInfo
  members: Members
  member: MemberInfo
  status: Status | undefined
  onAsk: (question: Question) => void
}) {
  useLanguage()
  const { user, rooms } = useWorkspace()
  const [, navigate] = useLocation()
  const self = member.id === user.id

  const write = async () => {
    try {
      const direct = await rooms.openDirect(member.id)
      navigate(`/r/${direct.id}`)
    } catch (failure) {
      warn(explain(failure))
    }
  }
  const give = async (role: string) => {
    try {
      await members.setRole(member.id, role)
      tell(t(`people.made.${role as 'admin' | 'member'}`, { name: member.name }))
    } catch (failure) {
      warn(explain(failure))
    }
  }

  const items: MenuItem[] = []
  if (!self) items.push({ label: t('people.write'), icon: MessageCircle, act: () => void write() })
  if (!self && may(room, 'govern') && member.role !== 'owner') {
    if (member.role === 'admin')
      items.push({ label: t('people.makeMember'), icon: ShieldMinus, act: () => void give('member') })
    else items.push({ label: t('people.makeAdmin'), icon: ShieldCheck, act: () => void give('admin') })
    items.push({ label: t('people.handOver'), icon: Crown, act: () => onAsk({ deed: 'handOver', member }) })
  }
  if (!self && may(room, 'moderate') && outranks(room, member.role)) {
    items.push({
      label: t('people.remove'),
      icon: UserMinus,
      danger: true,
      act: () => onAsk({ deed: 'remove', member }),
    })
    items.push({ label: t('people.ban'), icon: Ban, danger: true, act: () => onAsk({ deed: 'ban', member }) })
  }

  return (
    <div role="listitem" className={styles.person}>
      <span className={styles.name}>
        <Face id={member.id} name={member.name} status={status} />
        <span className={styles.who}>
          <bdi>{member.name}</bdi>
          <bdi className={styles.handle}>@{member.handle}</bdi>
        </span>
        {member.role !== 'member' && (
          <span className={styles.role}>{t(`people.role.${member.role as 'admin' | 'owner'}`)}</span>
        )}
        {self && <span className={styles.you}>{t('people.you')}</span>}
      </span>
      {items.length > 0 && (
        <MenuButton label={t('people.actions', { name: member.name })} items={items}>
          <Ellipsis size={18} aria-hidden />
        </MenuButton>
      )}
    </div>
  )
})

function Ask({
  room,
  members,
  question: { deed, member },
  onClose,
}: {
  room: RoomInfo
  members: Members
  question: Question
  onClose: () => void
}) {
  const { user } = useWorkspace()
  const act = async () => {
    if (deed === 'remove') await members.remove(member.id)
    else if (deed === 'ban') await members.ban(member.id)
    else {
      // The other one first: a room is never without an owner.
      await members.setRole(member.id, 'owner')
      await members.setRole(user.id, 'admin')
    }
    tell(t(`people.${deed}.done`, { name: member.name }))
  }
  const values = { name: member.name, room: titleFor(room) }
  return (
    <Confirm
      title={t(`people.${deed}.title`, values)}
      action={t(`people.${deed}.action`)}
      danger={deed !== 'handOver'}
      act={act}
      explain={explain}
      onClose={onClose}
    >
      <p>{t(`people.${deed}.text`, values)}</p>
    </Confirm>
  )
}
