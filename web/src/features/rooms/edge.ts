import { quiet } from '../rare'

// What the sidebar can do beside showing rooms, fetched when the page has time.

export const StarOrder = quiet<'StarOrder', { ids: string }>('StarOrder', () => import('./StarOrder'))
export const SidebarEdge = quiet('SidebarEdge', () => import('./SidebarEdge'))
