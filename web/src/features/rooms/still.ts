import { useRef } from 'react'
import type { RoomInfo } from '../../protocol/types'

/**
 * UseStill is the room for a part of the page that has no interest in what is
 * said: the same object as long as nothing but its head has changed.
 */
export function useStill(room: RoomInfo): RoomInfo {
  const still = useRef(room)
  if (!sameButHead(still.current, room)) still.current = room
  return still.current
}

/** SameButHead says whether two states of a room differ by nothing or by their heads alone. */
export function sameButHead(before: RoomInfo, now: RoomInfo): boolean {
  return sameFields({ ...before, head: undefined }, { ...now, head: undefined })
}

function sameFields(a: object, b: object): boolean {
  const fields = new Map<string, unknown>(Object.entries(a))
  const others = Object.entries(b)
  return fields.size === others.length && others.every(([key, value]) => fields.get(key) === value)
}
