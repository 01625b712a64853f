import { Hash, Lock, UserRound, UsersRound } from 'lucide-react'

const icons = { private: Lock, direct: UserRound, group: UsersRound } as const

/** RoomIcon tells the kinds of rooms apart by shape; the words beside it say the rest. */
export function RoomIcon({
  kind,
  size,
  className,
}: {
  kind: string
  size: number
  className?: string | undefined
}) {
  const Icon = icons[kind as keyof typeof icons] ?? Hash
  return <Icon size={size} aria-hidden className={className} />
}
