// Package store keeps in SQL what Parley must find again: accounts, sessions,
// rooms and their unique names, and everything that is derived from the log.
//
// It has one implementation, [Store], on portable SQL; what two databases say
// differently is in a small dialect. SQLite is in sqlite.go.
//
// Two sorts of writing meet here. What the log does not know (accounts,
// sessions, reservations of names, keys) is durable when the call returns.
// What is derived from the log is written by [Store.Commit] alone, together
// with the watermark that says how far; its end may be lost with the power and
// is then derived again.
//
// Refusals meant for people are [*chat.Error]. Of all other errors [IsOutage]
// tells whether trying again can help.
package store
