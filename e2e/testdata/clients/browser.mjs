// A client in Chromium: browser.mjs MODULES CHROMIUM URL TOKEN TRANSPORTS ROOM
// The page, /page.html at the URL, is the client; this program passes on what
// it is told and what the page says.
import { createInterface } from "node:readline"
import { launch } from "./launch.mjs"

const [modules, chromium, url, token, transports, room] = process.argv.slice(2)
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)
const browser = await launch(modules, chromium)
const page = await browser.newPage()
page.on("pageerror", (error) => say({ is: "trouble", text: String(error) }))
await page.exposeFunction("say", say)
await page.goto(`${url}/page.html`)
await page.evaluate((options) => window.begin(options), { token, transports: transports.split(","), room: Number(room) })
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (command.do === "quit") break
  await page.evaluate((command) => window.obey(command), command)
}
await browser.close()
