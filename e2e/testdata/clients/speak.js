// What every client in JavaScript does, in node and in a browser: connects,
// joins the room from now on, says what happens, and does what it is told.
export function speak(io, { url, token, transports, room }, say) {
  const socket = io(url, { auth: { token }, transports, forceNew: true })
  const transport = () => socket.io.engine.transport.name

  socket.on("connect", () => {
    socket.io.engine.once("upgrade", () => say({ is: "upgraded" }))
    socket.emit("joinRoom", { roomId: room }, (answer) => say({ is: "joined", transport: transport(), answer }))
  })
  socket.on("receiveMessage", (event) => say({ is: "event", transport: transport(), event }))
  socket.on("connect_error", (error) => say({ is: "trouble", text: String(error) }))
  socket.on("disconnect", (reason) => say({ is: "trouble", text: `disconnected: ${reason}` }))
  socket.on("problem", (problem) => say({ is: "trouble", text: JSON.stringify(problem) }))

  return ({ do: what, cid, text }) => {
    if (what === "send") {
      socket.emit("sendMessage", { roomId: room, messageText: text, cid }, (answer) => say({ is: "answer", cid, answer }))
    }
  }
}
