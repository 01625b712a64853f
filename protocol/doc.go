// Package protocol is the socket surface of Parley: the names of the events
// and one Go struct for each payload. The gateway reads and writes these
// structs; the TypeScript types of the web client, the OpenAPI and the AsyncAPI
// document are generated from them, comments included, so there is one source
// of truth.
//
// Behind the name of an event stands what it carries: of a client's event
// "Request → Answer; codes", the codes being refusals beside those of every
// event (invalid, too_large, internal), of a server's "Payload: when".
//
// Field tags: json names the field; doc is the sentence that the documents
// show; example is what their examples say, and puts an optional field into
// them; minimum, maximum, minLength, maxLength (characters) and pattern are
// the limits. A pointer or ",omitempty" field is optional.
//
// # Connecting
//
// Any Socket.IO client of version 3 or 4 will do: Socket.IO protocol 5 over
// Engine.IO 4, at the path `/socket.io/`, namespace /, by long-polling or
// WebSocket. Every event carries one JSON object. A client passes over events,
// fields and kinds that it does not know.
//
// # Signing in
//
// `POST /api/v1/register` with `{"email": "…", "password": "…"}`, a password
// of 8 to 128 characters, makes an account; an address that has one is refused
// with 409, code `conflict`. `POST /api/v1/login`, with the same body, signs
// in, ten times a minute for one account. Both answer `{"token": "…",
// "expiresAt": 1767247200000, "user": {…}}` (a time in ms UTC). A program keeps
// the token for its next start, and signs in anew when it is refused.
//
// REST calls refuse with a status of HTTP and `{"code": "…", "detail": "…",
// …}`, the same codes as on sockets; 429 and 503 say in `Retry-After` how many
// seconds to wait.
//
// The token goes into the connect payload, `{"token": "…"}` (`auth` in most
// libraries), or into the header `Authorization: Bearer …` of the handshake;
// never into the address. A token that is refused is answered with
// `connect_error`, whose data has the code `unauthorized`.
//
// A token is good for six hours. A minute before its end comes `problem` with
// the code `expiring`, which closes nothing: sign in once more and send
// `authenticate` with the new token on the same connection.
//
// # Coming back
//
// Connections end: networks fail, servers are restarted. Connect again, after
// a random time that grows with every attempt that fails, up to half a minute.
// `draining` says how many seconds to stay away at least. `problem` says why
// the server is about to close; if its `reconnect` is false, connecting again
// does not help by itself. With the code `revoked` it does after signing in
// anew; with `tooMany` when another connection of the person has ended: those
// of a program that was killed end within a minute.
//
// Many libraries do not come back by themselves from a `connect_error` or when
// the server has disconnected them, and many keep what is emitted meanwhile and
// send it later, behind the back of a client that asks again by itself: switch
// that off, or take a new socket for each connection. The server pings every 25
// seconds; a connection that says nothing for 45 is dead.
//
// # Answers
//
// Every event of a client takes an acknowledgement callback, which gets one
// object: `{"ok": true, …}` or `{"ok": false, "error": {"code": "…",
// "message": "…", "retryAfter": 0.1}}`, the last only sometimes. Use the
// acknowledgement of Socket.IO itself; there is no event with the answer. A
// client that passes no callback is taken for one of Turbo-Chat and gets other
// shapes.
//
// The codes `invalid`, `forbidden`, `not_found`, `conflict`, `cid_conflict`,
// `too_large` and `gone` are final: the same request will never succeed. After
// every other code, and when no answer comes within 15 seconds or before the
// connection ends, what was asked may have happened or not: ask again, after
// `retryAfter` seconds if they were named.
//
// # Rooms
//
// `POST /api/v1/rooms` with `{"name": "…"}` and the header `Authorization:
// Bearer …` makes a public room and answers `{"id": 1, "name": "…", "head":
// {…}, …}`; the maker is its owner. A name that is taken is refused with 409,
// code `conflict`. `GET /api/v1/rooms` answers `{"rooms": […]}`, public ones
// and one's own. The reference of the REST calls has everything else that can
// be done with rooms.
//
// Rooms are named by `roomId`, or by `roomName` if they are public: the answer
// of `joinRoom` has the id. A bot joins by name, makes the room if that is
// answered `not_found`, and joins again if somebody else was faster (409).
//
// `joinRoom` makes one a member of a public room and subscribes the connection
// to it. A subscription ends with the connection: join again after each
// connect. Sending needs membership, not a subscription.
//
// # Events of a room
//
// Whatever happens in a room is an event with a number, `seq`: 1, 2, 3 …
// without a hole. All of them come as `receiveMessage`, in the order of seq;
// `kind` says what happened: create, message, edit, delete, react, unreact,
// pin, unpin, join, leave, invite, kick, ban, unban, rename, topic, role,
// visibility, archive, unarchive. Kinds `void` and `hidden` have a number too
// and nothing to show. Kinds `gap` and `reset` are no events of the room and
// have no number.
//
// Libraries that run handlers on threads, or as tasks, may call them out of
// order. Go by seq then: keep an event that is ahead until what is before it
// has come.
//
// # Missing nothing
//
// Every event has a `cursor`: "I have everything up to here". It is the seq, a
// dot and six characters that tell one history of the room from another; keep
// it as it is. Keep that of the last event handled, whatever its kind, for
// each room.
//
//   - After each connect, `joinRoom` with `since`: that cursor. What was
//     missed comes as ordinary `receiveMessage` packets before the answer of
//     `joinRoom`; when the event with the seq of `head` has come, the room is
//     complete.
//   - While the answer says `more: true`, that was only a part, of at most 500
//     events, and nothing is subscribed: `joinRoom` again, with the cursor of
//     the last event that came with nothing missing before it; at once, or when
//     those are handled.
//   - If the answer, or an event of kind `reset`, says reset, what was kept is
//     no part of the room's history and nothing is subscribed: forget it, and
//     `joinRoom` with `latest: 50`, or with `since: "0"` to read all of it
//     anew.
//   - `since: "0"` is the beginning of the room. `latest: 50` is everything
//     from the 50th last message on, with a gap before it; older pages by
//     `getMessages`.
//   - An event whose seq is not above that of the last one was handled before.
//   - Should an event be missing for ten seconds though later ones have come,
//     `joinRoom` with `since` once more; it may be sent at any time, and what it
//     says of `more` and `reset` goes for the subscription that there was. A
//     cursor that is refused as `invalid` was not kept as it was: begin anew, as
//     after a reset.
//
// # All rooms at once
//
// A client that shows a list of rooms sends `sync` after each connect instead
// of joining them one by one: it names the rooms that it holds, with their
// cursors, gets what it missed there, and is answered with the person's rooms
// and what is unread in each. From then on `roomChanged` tells of the rooms
// that are not joined.
//
// How far the person has read is one mark, the same on all of their devices:
// `markRead` moves it forward, `markUnread` anywhere, `readChanged` tells the
// other devices. Unread is `head.n − read.n`. A message of one's own is read,
// and everything before it: a client moves the mark to it if its seq is above
// that of the head which came with the mark.
//
// # Sending once
//
// A `cid` is the sender's own name of one event, unique among all that this
// person sends to the room; a UUIDv7 is best. The server does a cid once,
// however often and however late it comes.
//
//   - Make the cid before sending, and keep it with the message.
//   - Send one message of a room at a time: until the answer is ok or a final
//     code, send the same cid again, with `retry: true`, before anything else.
//     It makes a refusal wait until no first copy can come late, and costs
//     nothing otherwise.
//   - A cid that is made of what is being answered, such as pong- and the `id`
//     of that event, which never changes, is answered once even by a program
//     that was killed before it could note its answer, or that has lost its
//     notes: a copy is answered `ok` with `duplicate: true`. Copies count among
//     the sends of a second.
//   - So a bot takes an event, answers it, waits for `ok` or a final code, and
//     keeps the event's cursor then.
//   - `ok` means that the event is on disk and stands at seq, for everybody
//     and for ever. Its `receiveMessage` comes before the answer, if the room
//     is joined.
//
// Edits, deletions and the leaving of a room have cids of their own.
//
// # Changes to what was said
//
// The events `edit` and `delete` name the message in `targetSeq`, and say in
// `rev` and `messageText` (or `deleted: true`) what the message says now. A
// message that comes late comes in its present form, with rev, the seq of its
// last change. So: of message, edit and delete alike, take what it says of a
// message if its rev is greater than the one held; a message without rev has
// 0.
//
// # Limits
//
// A second, for each person: 10 sends, edits and deletions (50 at once), 50
// joins and 50 reads (500 at once); more are refused with `rate_limited` and
// `retryAfter`. Of one connection 64 sends may wait for their answer. An event
// may have 128 KiB. A connection that leaves more than 1 MiB unread is closed
// with `problem` `slow` and resumes like after any other cut. A person may
// have 50 connections.
package protocol
