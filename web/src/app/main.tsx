import { createRoot } from 'react-dom/client'
import '../design/tokens.css'
import '../design/base.css'
import { Session } from '../connection/session'
import { openSocket } from '../connection/socket'
import { App } from './App'
import { currentWorkspace } from './current'
import { watchPage } from './page'
import { restore } from './restore'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

const session = new Session(localStorage)
const current = currentWorkspace(session, openSocket, localStorage)
watchPage(session, current)
void restore(session)
createRoot(root).render(<App session={session} current={current} />)
