import { useEffect } from 'react'
import { t } from '../../text/text'
import { titleFor } from '../rooms/title'
import { useWorkspace } from '../workspace'
import { offer } from './toast'

/** UseApart offers what was begun on another device, where what was written here meanwhile has taken its place. */
export function useApart(): void {
  const { drafts, rooms } = useWorkspace()
  useEffect(() => {
    const offerAll = () => {
      const apart = drafts.apart.getState()
      if (apart.size === 0) return
      drafts.apart.setState(new Map(), true)
      for (const [roomId, text] of apart) {
        const room = rooms.get(roomId)
        if (room)
          offer(t('draft.apart', { room: titleFor(room) }), t('draft.add'), () => drafts.add(roomId, text))
      }
    }
    offerAll()
    return drafts.apart.subscribe(offerAll)
  }, [drafts, rooms])
}
