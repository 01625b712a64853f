// React has had the hook since 18.
export { useSyncExternalStore } from 'react'
