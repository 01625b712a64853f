package verify

import "context"

// RunWithin is Run with states of so many bytes at most.
func RunWithin(ctx context.Context, source Source, bytes int) (differences []Difference, report *Report, err error) {
	v := newVerification(ctx, source, func(d Difference) error {
		differences = append(differences, d)
		return nil
	})
	v.limit = bytes
	err = source.Store.Snapshot(ctx, v.run)
	return differences, v.report, err
}
