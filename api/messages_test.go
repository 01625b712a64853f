package api

import (
	"net/url"
	"testing"

	"github.com/parleychat/parley/chat"
)

// Whatever stands in an address, the query is refused or inside its bounds.
func FuzzPageQuery(f *testing.F) {
	f.Add("before=3&limit=10")
	f.Add("around=7&atLeast=3.abcdef")
	f.Add("limit=1000000000000000000000")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		query, err := pageQuery(values)
		if err != nil {
			if code := chat.AsError(err).Code; code != chat.Invalid {
				t.Errorf("%q is refused as %s", text, code)
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
			t.Errorf("%q gives %+v", text, query)
		}
	})
}
