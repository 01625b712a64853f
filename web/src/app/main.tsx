import { createRoot } from 'react-dom/client'
import '../design/tokens.css'
import '../design/base.css'
import { Session } from '../connection/session'
import { whenQuiet } from '../features/rare'
import { speakChosen } from '../features/settings/language'
import { App } from './App'
import { currentWorkspace } from './current'
import { watchPage } from './page'
import { restore } from './restore'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

const session = new Session(localStorage)
const current = currentWorkspace(session, { url: location.origin }, localStorage)
watchPage(session, current)
void restore(session)
// The first paint is in the reader's language.
void speakChosen().then(() => createRoot(root).render(<App session={session} current={current} />))
whenQuiet(() => {
  import('./keepUp').then(({ keepUp }) => keepUp(current)).catch(() => undefined)
})
