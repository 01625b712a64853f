// node's Socket.IO, doing what bench/floor does and nothing more: one room per
// socket, every message numbered and handed to everyone in the room.
// Usage: node server.js [port]; tells its address on standard output.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer((request, response) => {
  response.writeHead(404).end();
});
const io = new Server(http, { transports: ["websocket"], serveClient: false });
const heads = new Map(); // room → seq of its last message

io.on("connection", (socket) => {
  let room = "";

  socket.on("joinRoom", ({ roomId }, ack) => {
    if (room) socket.leave(room);
    room = String(roomId);
    socket.join(room);
    ack?.({ ok: true, head: { seq: heads.get(room) ?? 0 } });
  });

  socket.on("sendMessage", (message, ack) => {
    const seq = (heads.get(room) ?? 0) + 1;
    heads.set(room, seq);
    io.to(room).emit("receiveMessage", { seq, kind: "message", ...message });
    ack?.({ ok: true, seq });
  });
});

http.listen(Number(process.argv[2] ?? 0), "127.0.0.1", 4096, () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}
