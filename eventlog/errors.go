package eventlog

import "errors"

// What an append may answer. Test with [errors.Is]: every error that is not
// [ErrNotAppended] has to be taken for [ErrUnknown].
var (
	// ErrNotAppended says that the record is certainly not in the log, now or
	// ever. It comes together with the reason.
	ErrNotAppended = errors.New("record not appended")
	// ErrUnknown says that the record may or may not be in the log, or may
	// still get there.
	ErrUnknown = errors.New("unknown whether the record was appended")
)

// Reasons for [ErrNotAppended].
var (
	// ErrTooLarge: the record is larger than [MaxRecord].
	ErrTooLarge = errors.New("record is larger than 64 KiB")
	// ErrBusy: too many bytes wait to be written. Try again later.
	ErrBusy = errors.New("too much is waiting to be written")
	// ErrFull: there is no space left. Appends succeed again when there is.
	ErrFull = errors.New("no space left for the log")
)

// Errors of reading and of the log as a whole.
var (
	// ErrTruncated: the offset lies below the first one that is kept, or above
	// the end.
	ErrTruncated = errors.New("offset is outside of the log")
	// ErrEpochChanged: the log was replaced by another one.
	ErrEpochChanged = errors.New("log was replaced by another one")
	// ErrNoPartition: the log has no partition of that number.
	ErrNoPartition = errors.New("no such partition")
	// ErrFailed: the log has met a failure after which it does not go on.
	ErrFailed = errors.New("log has failed")
	// ErrClosed: Close was called.
	ErrClosed = errors.New("log is closed")
	// ErrCorrupt: the log does not hold what was written.
	ErrCorrupt = errors.New("log is damaged")
	// ErrForeign: what is there is not a log of ours.
	ErrForeign = errors.New("not an event log of Parley")
	// ErrAway: the brokers cannot be reached, or are not ready. They may be
	// later.
	ErrAway = errors.New("brokers do not answer")
	// ErrUnfit: with the settings that the log's place has, the promises could
	// not be kept.
	ErrUnfit = errors.New("unfit for a log")
	// ErrNewer: the file was written by a later version of this package.
	ErrNewer = errors.New("log was written by a newer version")
)
