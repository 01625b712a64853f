import { useEffect, useEffectEvent, useRef } from 'react'
import { useLocation } from 'wouter'
import { useAttention } from '../conversation/useAttention'
import { roomOf } from '../rooms/address'
import { useWorkspace } from '../workspace'
import { onPressed } from './pressed'
import { Teller } from './teller'

/** Notifications has the browser tell of what comes, for as long as somebody is signed in on the page. It shows nothing itself. */
export function Notifications() {
  const workspace = useWorkspace()
  const [location, navigate] = useLocation()
  const attentive = useAttention()
  const teller = useRef<Teller>(undefined)
  const open = useEffectEvent((address: string | undefined) => {
    if (address !== undefined) navigate(address)
  })

  useEffect(() => {
    const started = new Teller(workspace, (address) => open(address))
    teller.current = started
    return () => started.stop()
  }, [workspace])

  useEffect(() => onPressed((address) => open(address)), [])

  useEffect(() => teller.current?.look(roomOf(location), attentive), [location, attentive])
  return null
}
