/** Standing is what the service worker shows at the moment, with this tag or at all. */
export async function standing(tag?: string): Promise<readonly Notification[]> {
  try {
    const worker = await navigator.serviceWorker?.getRegistration()
    return (await worker?.getNotifications(tag === undefined ? {} : { tag })) ?? []
  } catch {
    return []
  }
}

/**
 * TakeAway closes what the service worker shows, with this tag or at all. What has
 * taken its place meanwhile, and speaks of more than the rooms up to where they had
 * come, stays.
 */
export async function takeAway(tag?: string, rooms?: ReadonlyMap<number, number>): Promise<void> {
  for (const notification of await standing(tag)) {
    const told: ReadonlyMap<number, number> = notification.data?.rooms ?? new Map()
    if (rooms && [...told].some(([roomId, n]) => n > (rooms.get(roomId) ?? 0))) continue
    notification.close()
  }
}
