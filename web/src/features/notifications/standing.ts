/** Standing is what the service worker shows at the moment, with this tag or at all. */
export async function standing(tag?: string): Promise<readonly Notification[]> {
  try {
    const worker = await navigator.serviceWorker?.getRegistration()
    return (await worker?.getNotifications(tag === undefined ? {} : { tag })) ?? []
  } catch {
    return []
  }
}

/** TakeAway closes what the service worker shows, with this tag or at all. */
export async function takeAway(tag?: string): Promise<void> {
  for (const notification of await standing(tag)) notification.close()
}
