// Package history brings what happened in the rooms from the log to the store,
// and from there and from memory to readers.
//
// The [Recorder] follows the log beside the hub (package fanout). Both run
// [chat.Apply] over the same records, so both come to the same events; the
// recorder writes them to the store, with a watermark that says how far it got.
//
// The [Reader] answers with pages and resumes. The store may be behind what
// this node has applied, and another node's recorder may have brought it ahead
// of it. So every answer is made at one point of the room's history, the
// node's applied position:
//
//  1. rows are read together with the room's head H in the same snapshot;
//  2. the node waits until it has applied H, and stands at a head A ≥ H;
//  3. there the reader's right is judged, and the events H+1 to A, which the
//     hub has in memory, are laid over the rows.
//
// If the hub's memory no longer reaches down to H+1, the rows are read again.
// An answer that memory alone can give asks no store at all.
//
// The package does not make frames, and does not know sockets.
package history
