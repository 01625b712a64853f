// A client of Socket.IO 2 speaks another protocol; what it has to see is an
// error it can show, and no endless silence.
//
//	node client2.mjs MODULES URL TRANSPORT
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";

const [modules, url, transport] = process.argv.slice(2);
const io = createRequire(path.join(modules, "package.json"))("socket.io-client-2");

const socket = io(url, { transports: [transport], reconnection: false, timeout: 60_000 });
const error = await new Promise((resolve, reject) => {
  socket.on("connect_error", resolve);
  socket.on("connect", () => reject(new Error("it connected")));
});
assert.equal(error.type, "TransportError");
if (transport === "polling") {
  assert.equal(error.message, "xhr poll error");
  assert.equal(error.description, 400);
} else {
  assert.equal(error.message, "websocket error");
  assert.match(error.description.message, /400/);
}
console.log("ok");
process.exit(0);
