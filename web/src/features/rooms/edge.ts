import { quiet } from '../rare'

export const SidebarEdge = quiet('SidebarEdge', () => import('./SidebarEdge'))
