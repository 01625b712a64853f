// Package protocol is the socket surface of Parley: the names of the events
// and one Go struct for each payload. The gateway reads and writes these
// structs; the TypeScript types of the web client and the documents are
// generated from them, so there is one source of truth.
//
// Field tags: `json` names the field; `doc` is the sentence that the documents
// show. A pointer or ",omitempty" field is optional.
package protocol
