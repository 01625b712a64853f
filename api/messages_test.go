package api

import (
	"testing"

	"github.com/parleychat/parley/chat"
)

// Whatever stands in an address, the query is refused or inside its bounds.
func FuzzPageQuery(f *testing.F) {
	f.Add("3", "", "", "10", "")
	f.Add("", "", "7", "", "3.abcdef")
	f.Add("", "", "", "1000000000000000000000", "")
	f.Fuzz(func(t *testing.T, before, after, around, limit, atLeast string) {
		in := pageIn{Before: number(before), After: number(after), Around: number(around), Limit: number(limit), AtLeast: atLeast}
		query, err := in.query()
		if err != nil {
			if code := chat.AsError(err).Code; code != chat.Invalid {
				t.Errorf("%+v is refused as %s", in, code)
			}
			return
		}
		places := 0
		for _, seq := range []chat.Seq{query.Before, query.After, query.Around} {
			if seq != 0 {
				places++
			}
		}
		if places > 1 || query.Limit < 1 || query.Limit > chat.MaxPage {
			t.Errorf("%+v gives %+v", in, query)
		}
	})
}
