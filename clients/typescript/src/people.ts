import type { Client } from './client.js'
import {
  GetOnlineUsers,
  type OnlineAck,
  type OnlinePerson,
  type OwnStatus,
  type PeoplePage,
  Presence,
  type PresenceChange,
  SearchPeople,
  type SearchPeopleAck,
  type SearchPeopleRequest,
  SetStatus,
  type StatusAck,
  StatusChanged,
  type StatusRequest,
} from './protocol.js'

/**
 * SetStatus says how the person wants to be shown to others while they are
 * online: online, away or dnd (do not disturb). It stays until it is set anew, on
 * whatever device. What is absent stays as it is; with nothing it only asks.
 */
export async function setStatus(client: Client, wanted: StatusRequest = {}): Promise<OwnStatus> {
  const { status, hideLastSeen, rev } = await client.call<StatusAck>(SetStatus, wanted)
  return { status, hideLastSeen, rev }
}

/** OnStatus calls back when another device of the person has set their status; returns how to end that. */
export function onStatus(client: Client, listener: (own: OwnStatus) => void): () => void {
  return client.on(StatusChanged, listener)
}

/**
 * Online lists who of a room's members is online, and how they are shown.
 * {@link onPresence} tells what changes from then on; after a cut the list has to
 * be asked for again.
 */
export async function online(client: Client, roomId: number): Promise<OnlinePerson[]> {
  return (await client.call<OnlineAck>(GetOnlineUsers, { roomId })).users
}

/**
 * OnPresence calls back when members of a joined room came, went, or are shown
 * otherwise; returns how to end that.
 */
export function onPresence(client: Client, listener: (change: PresenceChange) => void): () => void {
  return client.on(Presence, listener)
}

/**
 * SearchPeople finds people by the beginning of their handle or of a word of
 * their name, also those with whom the person shares no room. It may be asked 30
 * times a minute, and waits for its turn beyond that.
 */
export async function searchPeople(
  client: Client,
  search: string,
  { after, limit }: Omit<SearchPeopleRequest, 'search'> = {},
): Promise<PeoplePage> {
  const request: SearchPeopleRequest = {
    search,
    ...(after !== undefined && { after }),
    ...(limit !== undefined && { limit }),
  }
  const { people, next } = await client.call<SearchPeopleAck>(SearchPeople, request)
  return { people, ...(next !== undefined && { next }) }
}
