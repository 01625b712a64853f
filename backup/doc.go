// Package backup copies a server's data while it runs, and makes a data
// directory of such a copy.
//
// A backup is one directory, or one tar file, with
//
//	manifest.json  what it holds; see [Manifest]
//	parley.db      the store, as it was at one moment
//	log.db         the log up to where the store stood then
//	jwt.key        the key that signs tokens
//
// so everything that its log holds is known to its store. It appears under its
// name when it is whole and on the disk, not before. Whoever reads it reads
// everything: it has the server's keys, and the texts of messages that were
// deleted as long as the log kept them.
//
// A restored log is a new incarnation, with a new epoch, that goes on where the
// copy ended; docs/decisions says why.
package backup
