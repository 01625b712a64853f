const key = (userId: number) => `parley.lastRooms.${userId}`
const remembered = 8

/** LastRoom remembers, on this device, which rooms a person looked at, the last one first. */
export const lastRoom = {
  get(userId: number): number | undefined {
    return this.all(userId)[0]
  },

  all(userId: number): number[] {
    try {
      const ids = JSON.parse(localStorage.getItem(key(userId)) ?? '[]')
      return Array.isArray(ids) ? ids.filter((id) => typeof id === 'number') : []
    } catch {
      return []
    }
  },

  set(userId: number, roomId: number): void {
    const ids = [roomId, ...this.all(userId).filter((id) => id !== roomId)].slice(0, remembered)
    try {
      localStorage.setItem(key(userId), JSON.stringify(ids))
    } catch {
      // Full or forbidden: the next visit starts without a room.
    }
  },
}
