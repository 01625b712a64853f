// Package verify compares what is kept with itself: the log, the store, the
// numbers, and everything that was counted.
//
// It goes through the rooms in two ways. First the store alone (storedroom.go):
// the events of a room are counted through, each chain and public id computed
// again, the text of every message and every edit held against the mac that its
// sender's request was given, and the members, bans, names, mentions and heads
// that follow from the events compared with the tables. So every row is
// compared, however long ago its record left the log.
//
// Then the log (replay.go): its records, from the first that is kept up to the
// store's watermark, are applied with [chat.Apply] to the states in which the
// rooms were below, and what comes out is compared with the rows.
//
// It reads one snapshot of the store and changes nothing, so it may run beside
// a server. Time is in proportion to what is kept; where the rooms' states
// would take more than [maxStateBytes], the log is read again for each part of
// the rooms.
package verify
