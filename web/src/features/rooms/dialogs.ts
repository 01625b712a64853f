import { rare } from '../rare'

// The dialogs about rooms and people, each in the part of the page that is fetched later.

export const BrowseDialog = rare('BrowseDialog', () => import('./BrowseDialog'))
export const CreateRoomDialog = rare('CreateRoomDialog', () => import('./CreateRoomDialog'))
export const FollowLink = rare('FollowLink', () => import('./FollowLink'))
export const Switcher = rare('Switcher', () => import('./Switcher'))
export const KeyboardDialog = rare('KeyboardDialog', () => import('../settings/KeyboardDialog'))
export const MarkAllRead = rare('MarkAllRead', () => import('./MarkAllRead'))
export const RoomSettings = rare('RoomSettings', () => import('./RoomSettings'))
export const NewMessageDialog = rare('NewMessageDialog', () => import('../people/NewMessageDialog'))
export const InviteDialog = rare('InviteDialog', () => import('../people/InviteDialog'))
export const PictureDialog = rare('PictureDialog', () => import('../settings/PictureDialog'))
export const AccountDialog = rare('AccountDialog', () => import('../settings/AccountDialog'))
