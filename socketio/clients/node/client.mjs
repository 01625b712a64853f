// Does with one version of socket.io-client what people do with it, and throws
// at the first thing that is not as it should be.
//
//	node client.mjs MODULES PACKAGE URL TRANSPORTS
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";

const [modules, name, url, transports] = process.argv.slice(2);
const require = createRequire(path.join(modules, "package.json"));
const { io } = require(name);

const options = (more) => ({
  transports: transports.split(","),
  forceNew: true,
  reconnectionDelay: 50,
  reconnectionDelayMax: 50,
  auth: { token: "good" },
  ...more,
});

const once = (socket, event) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} after 60 s`)), 60_000);
    socket.once(event, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });

const ask = (socket, event, ...args) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer to ${event} after 60 s`)), 60_000);
    socket.emit(event, ...args, (...answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });

// Connecting, and what the server says first.
const socket = io(url, options());
const hello = once(socket, "hello");
await once(socket, "connect");
assert.equal(socket.id.length, 20);
assert.deepEqual(await hello, ["world", { n: 1 }, null]);

// The transport at the end of the list is where the connection ends up.
const last = transports.split(",").at(-1);
if (socket.io.engine.transport.name !== last) {
  await once(socket.io.engine, "upgrade");
}
assert.equal(socket.io.engine.transport.name, last);

// Events and acknowledgements, text and binary, both ways.
const text = ["grüße 👋 \u2028", 1.5, [true, null, { deep: [[]] }], "", {}];
assert.deepEqual(await ask(socket, "echo", ...text), text);
assert.deepEqual(await ask(socket, "echo"), []);
const long = "x".repeat(300_000);
assert.deepEqual(await ask(socket, "echo", long), [long]);

const [one, two] = [Buffer.from([0, 1, 2, 255]), Buffer.alloc(100_000, 7)];
const binary = await ask(socket, "echo", one, "between", two);
assert.deepEqual(binary.map(Buffer.isBuffer), [true, false, true]);
assert.ok(binary[0].equals(one) && binary[2].equals(two));

const back = once(socket, "back");
socket.emit("say", { bytes: one }, "x");
const [said, x] = await back;
assert.ok(Buffer.from(said.bytes).equals(one) && x === "x");

socket.once("question", (what, answer) => answer("answer to " + what, one));
assert.deepEqual(await ask(socket, "askMe"), ["as it should be"]);

// Many at once come back in order.
const numbers = [];
const all = new Promise((resolve) => {
  socket.on("number", (n) => numbers.push(n) === 1000 && resolve());
});
for (let i = 0; i < 1000; i++) socket.emit("number", i);
await all;
assert.deepEqual(numbers, [...Array(1000).keys()]);

// Another namespace on the same connection, and one there is not.
const other = socket.io.socket("/other", { auth: { token: "good" } });
await once(other, "connect");
assert.deepEqual(await ask(other, "echo", 7), [7]);
other.disconnect();
assert.deepEqual(await ask(socket, "echo", "alive"), ["alive"]);
const nowhere = socket.io.socket("/nowhere");
assert.equal((await once(nowhere, "connect_error"))[0].message, "Invalid namespace");
nowhere.disconnect();

// A connection that the server ends for a while comes back by itself.
const first = socket.id;
const again = once(socket, "connect");
socket.emit("restart");
assert.deepEqual((await once(socket, "problem"))[0], { code: "draining" });
await again;
assert.notEqual(socket.id, first);
assert.deepEqual(await ask(socket, "echo", "again"), ["again"]);

// One that it ends for good does not.
const gone = once(socket, "disconnect");
socket.emit("kick");
assert.equal((await gone)[0], "io server disconnect");

// Refusal by a middleware, with its data.
const refused = io(url, options({ auth: { token: "bad" } }));
const [error] = await once(refused, "connect_error");
assert.equal(error.message, "Unauthorized");
assert.deepEqual(error.data, { code: "unauthorized" });
refused.close();

// The token in a header of the first polling request, as old pages send it.
if (transports.startsWith("polling")) {
  const old = io(url, {
    forceNew: true,
    transports: transports.split(","),
    transportOptions: { polling: { extraHeaders: { Authorization: "good" } } },
  });
  await once(old, "connect");
  assert.deepEqual(await ask(old, "echo", "old"), ["old"]);
  old.close();
}
console.log("ok");
process.exit(0);
