// A bot that answers ping with pong, with nothing but socket.io-client:
//
//     npm install socket.io-client
//     PARLEY_URL=http://127.0.0.1:3000 node bot.mjs
//
// It misses no ping and answers each one once, whatever happens to the
// connection, the server or itself.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { io } from 'socket.io-client'

const url = process.env.PARLEY_URL ?? 'http://127.0.0.1:3000'
const email = process.env.PARLEY_EMAIL ?? 'bot@example.org'
const password = process.env.PARLEY_PASSWORD ?? 'beep boop beep'
const roomName = process.env.PARLEY_ROOM ?? 'general'
const state = process.env.PARLEY_STATE ?? 'cursor.txt'

const final = new Set(['invalid', 'forbidden', 'not_found', 'conflict', 'cid_conflict', 'too_large', 'gone'])
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000))

async function signIn() {
  const body = JSON.stringify({ email, password })
  const post = (path) => fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  let answer = await post('/api/v1/register')
  if (!answer.ok) answer = await post('/api/v1/login')
  const said = await answer.json()
  if (!answer.ok) throw new Error(said.detail)
  return said.token
}

let token = await signIn()
const socket = io(url, { auth: (give) => give({ token }) })

/** ask asks until the answer is ok or final, over cuts too, under the same cid. */
async function ask(event, payload) {
  for (let tries = 0; ; tries++) {
    const retry = tries > 0 && payload.cid ? { retry: true } : {}
    // Not connected, the library would keep the packet and send it later.
    const answer = socket.connected
      ? await socket.timeout(15_000).emitWithAck(event, { ...payload, ...retry }).catch(() => undefined)
      : undefined
    if (answer?.ok || final.has(answer?.error.code)) return answer
    await pause(answer?.error.retryAfter ?? 0.5)
  }
}

// The cursor of what has come, and what is not handled yet of that. What is kept
// on disk is the cursor of what was handled.
let cursor = existsSync(state) ? readFileSync(state, 'utf8') : '0'
let seq = Number.parseInt(cursor)
let handling = Promise.resolve()

function goOnBehind(place) {
  cursor = place
  seq = Number.parseInt(place)
}

async function join() {
  for (;;) {
    const answer = await ask('joinRoom', { roomName, since: cursor })
    if (!answer.ok) throw new Error(answer.error.message)
    if (answer.reset) goOnBehind('0')
    else if (!answer.more) return
  }
}

async function handle({ kind, messageText, roomId, seq, cursor }) {
  // The cid is made of the ping: nobody answers it twice, not even a bot that
  // was killed before it could note that it has answered.
  if (kind === 'message' && messageText === 'ping') {
    await ask('sendMessage', { roomId, messageText: 'pong', cid: `pong-${seq}` })
  }
  // Whole or not at all: the bot may be killed meanwhile.
  writeFileSync(`${state}.new`, cursor)
  renameSync(`${state}.new`, state)
}

socket.on('receiveMessage', (event) => {
  if (event.kind === 'reset') {
    goOnBehind('0')
    join()
  } else if (event.seq > seq) {
    ;({ seq, cursor } = event)
    handling = handling.then(() => handle(event))
  }
})

socket.on('problem', async ({ code, message, reconnect }) => {
  if (code === 'expiring') {
    token = await signIn()
    await ask('authenticate', { token })
  } else if (!reconnect && code !== 'revoked') throw new Error(message)
})

socket.on('connect', join)
// The library comes back from cuts by itself, not from what the server said no
// to or has ended.
const again = async () => {
  await pause(0.5 + Math.random())
  token = await signIn().catch(() => token)
  socket.connect()
}
socket.on('connect_error', () => socket.active || again())
socket.on('disconnect', () => socket.active || again())
