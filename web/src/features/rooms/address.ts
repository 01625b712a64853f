/** AddressOf is where a room, or a message in it, is found. */
export function addressOf(roomId: number, seq?: number): string {
  return seq === undefined ? `/r/${roomId}` : `/r/${roomId}/m/${seq}`
}

/** RoomOf is the room that an address leads to; undefined when it leads elsewhere. */
export function roomOf(address: string): number | undefined {
  const id = /^\/r\/(\d+)(?:\/|$)/.exec(address)?.[1]
  return id === undefined ? undefined : Number(id)
}
