// Package people are people with devices who use a server and write down what
// they see of it, for package check to judge. They send, edit, delete, read
// pages, leave rooms and come back, go away for a while, send one message from
// several devices at once, or another text under a cid that was used. Every
// device keeps one ordered outbox for each room and sends the head of it, with
// the same cid, until it has an answer.
//
// They live in real time beside a real process ([internal/crash]) and in virtual
// time beside a node in the same process ([internal/sim]); what is done to the
// server is the business of those. Nothing here holds a mutex while it waits, so
// that virtual time goes on.
//
// In the end [Crowd.ReadAll] reads all rooms as a stranger, and [Files] what
// the server has left on the disk.
//
// [internal/crash]: https://github.com/parleychat/parley/tree/main/internal/crash
// [internal/sim]: https://github.com/parleychat/parley/tree/main/internal/sim
package people
