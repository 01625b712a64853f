// Package reading knows how far people have read: it moves their read marks,
// counts what is unread, and tells a person's devices of it, so that all of them
// show the same.
//
// A mark that was moved forward is kept in memory and written within
// [WriteEvery]; a crash forgets at most that much reading. What a person wrote
// themselves counts as read: the recorder moves their mark when it stores it,
// and never back. A person who marks something as unread begins a new version of
// the mark, which is written at once; whatever was under way for the former one
// comes to nothing.
package reading
