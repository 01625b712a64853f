import { createStore } from 'zustand/vanilla'
import { want } from './wanted'

/** Whether the browser shows notifications of this page; `impossible` where it has none, as without https. */
export type Permission = 'impossible' | NotificationPermission

/** Permission is what the browser says, also when the person changes it in the browser. */
export const permission = createStore<Permission>(said)

function said(): Permission {
  return 'Notification' in window && window.isSecureContext ? Notification.permission : 'impossible'
}

const look = () => permission.setState(said(), true)
// Not every browser tells of changes; then the next visit sees them.
navigator.permissions?.query({ name: 'notifications' }).then(
  (status) => status.addEventListener('change', look),
  () => undefined,
)

/** AskPermission lets the browser ask the person, who has pressed a button for it. Told yes, notifications are on. */
export async function askPermission(): Promise<void> {
  const answer = await Notification.requestPermission()
  look()
  if (answer === 'granted') want({ on: true, hinted: true })
}
