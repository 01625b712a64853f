package server

import (
	"context"

	"github.com/parleychat/parley/admin"
	"github.com/parleychat/parley/verify"
)

// VerifyLine is one line of the answer to "verify": a difference, or, at the
// end, what was compared.
type VerifyLine struct {
	Difference *verify.Difference `json:"difference,omitempty"`
	Report     *verify.Report     `json:"report,omitempty"`
}

// verify compares everything that is kept.
func (d *desk) verify(ctx context.Context, _ struct{}, answer *admin.Answer) error {
	d.keepLog.RLock()
	defer d.keepLog.RUnlock()
	report, err := verify.Run(ctx, verify.Source{Store: d.store, Log: d.log}, func(difference verify.Difference) error {
		if err := answer.Tell(VerifyLine{Difference: &difference}); err != nil {
			return err
		}
		return answer.Flush()
	})
	if err != nil {
		return err
	}
	return answer.Tell(VerifyLine{Report: report})
}
