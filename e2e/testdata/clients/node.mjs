// A client in node: node.mjs LIBRARY URL TOKEN TRANSPORTS ROOM
import { createRequire } from "node:module"
import { createInterface } from "node:readline"
import { speak } from "./speak.js"

const [library, url, token, transports, room] = process.argv.slice(2)
const { io } = createRequire(import.meta.url)(library)

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)
const obey = speak(io, { url, token, transports: transports.split(","), room: Number(room) }, say)
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (command.do === "quit") process.exit(0)
  obey(command)
}
