// Two people use the pages of Turbo-Chat in a browser, from registering to
// chatting: turbochat.mjs MODULES CHROMIUM URL
import assert from "node:assert/strict"
import { launch } from "./launch.mjs"

const [modules, chromium, url] = process.argv.slice(2)
const patience = 30_000
const roomName = "Tea & cake, 50 % off? #1"

// Person is a browser window of its own.
class Person {
  requests = []

  static async open(browser, name) {
    const person = new Person()
    person.mail = `${name}@example.com`
    person.password = `the password of ${name}`
    const context = await browser.newContext()
    context.setDefaultTimeout(patience)
    person.page = await context.newPage()
    person.page.on("request", (request) => person.requests.push(request.url()))
    person.page.on("pageerror", (error) => {
      throw error
    })
    return person
  }

  async submit(fields, button) {
    for (const [label, value] of Object.entries(fields)) await this.page.getByLabel(label).fill(value)
    await this.page.getByRole("button", { name: button, exact: true }).click()
  }

  async register() {
    await this.page.goto(`${url}/index.html`)
    await this.page.getByRole("link", { name: "Register" }).click()
    await this.submit({ Email: this.mail, Password: this.password }, "Register")
    await this.page.waitForURL("**/dashboard.html")
  }

  async login(password, elsewhere) {
    await this.page.goto(`${url}/index.html`)
    await this.submit({ Email: this.mail, Password: password }, "Log in")
    if (elsewhere) await this.page.waitForURL(elsewhere)
  }

  async enter() {
    await this.page.goto(`${url}/dashboard.html`)
    await this.page.getByRole("button", { name: "Show rooms" }).click()
    await this.page.getByRole("link", { name: roomName, exact: true }).click()
    await this.page.waitForURL("**/chat.html?*")
    await this.page.waitForFunction(() => window.socket?.io.engine?.transport.name === "websocket")
  }

  // Polling came first, and the socket is a WebSocket now.
  upgraded() {
    const handshake = this.requests.find((request) => request.includes("/socket.io/?"))
    assert.match(handshake, /transport=polling/)
  }

  say(text) {
    return this.submit({ Message: text }, "Send")
  }

  users(...people) {
    const wanted = people.map((person) => person.mail).sort()
    return this.page.waitForFunction(
      (wanted) => JSON.stringify([...document.querySelectorAll("#users li")].map((li) => li.textContent).sort()) === wanted,
      JSON.stringify(wanted),
    )
  }

  lines(...wanted) {
    return this.page.waitForFunction(
      (wanted) => JSON.stringify([...document.querySelectorAll("#messages li")].map((li) => li.textContent)) === wanted,
      JSON.stringify(wanted),
    )
  }

  // Behind each message, history had it at once.
  async judge(...wanted) {
    await this.page.waitForFunction(() => window.received.every(({ history }) => history) || window.problems.length > 0)
    const { received, problems } = await this.page.evaluate(() => ({ received: window.received, problems: window.problems }))
    assert.deepEqual(problems, [])
    const messages = received.filter(({ event }) => !event.isEvent)
    assert.deepEqual(
      messages.map(({ event }) => [event.userMail, event.messageText, event.roomName]),
      wanted.map(([person, text]) => [person.mail, text, roomName]),
    )
    for (const { event, history } of messages) {
      const found = history.filter((m) => m.message_text === event.messageText && m.sender_mail === event.userMail)
      assert.equal(found.length, 1, `history right behind ${JSON.stringify(event)} is ${JSON.stringify(history)}`)
      assert.equal(found[0].is_event, false)
      assert.equal(found[0].room_name, roomName)
      assert.ok(Number.isInteger(found[0].id))
      assert.match(found[0].createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    }
    return received.filter(({ event }) => event.isEvent).map(({ event }) => event.messageText)
  }
}

const browser = await launch(modules, chromium)
const anna = await Person.open(browser, "anna")
const ben = await Person.open(browser, "ben")

await anna.register()
await anna.submit({ "New room": roomName }, "Create")
await anna.page.getByText(`Created ${roomName}`).waitFor()
await anna.submit({ "New room": roomName }, "Create")
await anna.page.getByRole("alert").filter({ hasNotText: "Created" }).waitFor() // the name is taken
await ben.register()

await anna.enter()
await anna.users(anna)
await ben.enter()
await anna.users(anna, ben)
await ben.users(anna, ben)
anna.upgraded()
ben.upgraded()

const said = []
const all = []
for (let i = 0; i < 10; i++) {
  const who = i % 2 ? ben : anna
  const text = i === 4 ? `<b>not bold</b> & "quoted" 🎂` : `message ${i}`
  await who.say(text)
  said.push([who, text])
  all.push(`${who.mail}: ${text}`)
  await anna.lines(...all)
  await ben.lines(...all)
}
// Two at once, from both sides.
await Promise.all([anna.say("at the same time"), ben.say("at the same moment")])
for (const who of [anna, ben]) await who.page.waitForFunction(() => document.querySelectorAll("#messages li").length === 12)
const order = await anna.page.evaluate(() => [...document.querySelectorAll("#messages li")].slice(-2).map((li) => li.textContent))
for (const line of order) {
  const [mail, text] = line.split(": ")
  said.push([mail === anna.mail ? anna : ben, text])
  all.push(line)
}
assert.deepEqual(await anna.judge(...said), [`Welcome ${anna.mail} to room no ${roomName}`, `${ben.mail} joined the room`])
assert.deepEqual(await ben.judge(...said), [`Welcome ${ben.mail} to room no ${roomName}`])

// Ben reloads: nothing is lost, nobody joined anew, and he is there once.
await ben.page.reload()
await ben.lines(...all)
await ben.users(anna, ben)
await ben.say("back again")
all.push(`${ben.mail}: back again`)
said.push([ben, "back again"])
await anna.lines(...all)
assert.equal((await anna.judge(...said)).length, 2)

// Ben goes, and is not among the active users any more.
await ben.page.close()
await anna.users(anna)

// Signing in, wrong and right.
const carl = await Person.open(browser, "anna")
await carl.login("not the password")
await carl.page.getByRole("alert").filter({ hasText: "Invalid credentials" }).waitFor()
await carl.login(carl.password, "**/dashboard.html")
await carl.enter()
await carl.lines(...all)

await browser.close()
console.log("ok")
