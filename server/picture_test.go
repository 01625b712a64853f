package server_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/parleychat/parley/picture"
	"github.com/parleychat/parley/protocol"
)

// painted is a PNG of one colour.
func painted(t *testing.T, side int, paint color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		img.Set(i%side, i/side, paint)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func pictureBody(file []byte) map[string]any {
	return map[string]any{"image": base64.StdEncoding.EncodeToString(file)}
}

// TestPicture: somebody has a picture, everybody sees it, at an address that can
// be kept for ever, and it goes when they take it away or go themselves.
func TestPicture(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general")
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	var self protocol.Self
	ann.do("PUT", "/api/v1/me/picture", pictureBody(painted(t, 300, color.White))).want(http.StatusOK).into(&self)
	if len(self.Picture) != 43 {
		t.Fatalf("ann has the picture %q", self.Picture)
	}
	var again protocol.Self
	ann.do("GET", "/api/v1/me", nil).want(http.StatusOK).into(&again)
	var user protocol.User
	ben.do("GET", fmt.Sprint("/api/v1/users/", self.ID), nil).want(http.StatusOK).into(&user)
	var members protocol.MemberPage
	ben.do("GET", room+"/members", nil).want(http.StatusOK).into(&members)
	var direct protocol.RoomInfo
	ben.do("POST", "/api/v1/directs", map[string]any{"userId": self.ID}).want(http.StatusCreated).into(&direct)
	for where, shown := range map[string]string{
		"to herself": again.Picture, "to ben": user.Picture, "among the members": members.Members[0].Picture, "in a direct room": direct.Peer.Picture,
	} {
		if shown != self.Picture {
			t.Errorf("%s ann is shown with %q", where, shown)
		}
	}

	// Pages show it without a token; wherever it is opened it is an image.
	address := n.URL() + "/api/v1/pictures/" + self.Picture
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for name, want := range map[string]string{
		"Content-Type":                 "image/jpeg",
		"Cache-Control":                "public, max-age=31536000, immutable",
		"X-Content-Type-Options":       "nosniff",
		"Content-Security-Policy":      "default-src 'none'; sandbox; frame-ancestors 'none'",
		"Content-Disposition":          "inline",
		"Etag":                         `"` + self.Picture + `"`,
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := response.Header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q, want %q alone", name, got, want)
		}
	}
	if img, _, err := image.Decode(response.Body); err != nil || img.Bounds().Dx() != picture.Side {
		t.Errorf("the picture is no square of %d: %v", picture.Side, err)
	}

	var bare protocol.Self
	if ann.do("DELETE", "/api/v1/me/picture", nil).want(http.StatusOK).into(&bare); bare.ID != self.ID || bare.Picture != "" {
		t.Errorf("after taking it away ann is %+v", bare)
	}
	n.client().do("GET", strings.TrimPrefix(address, n.URL()), nil).wantCode(http.StatusNotFound, "not_found")

	ben.do("PUT", "/api/v1/me/picture", pictureBody(painted(t, 20, color.Black))).want(http.StatusOK).into(&self)
	ben.do("DELETE", "/api/v1/me", map[string]any{"password": credentials("ben@example.org")["password"]}).want(http.StatusNoContent)
	n.client().do("GET", "/api/v1/pictures/"+self.Picture, nil).wantCode(http.StatusNotFound, "not_found")
}

// TestPictureIsTold: those who have a room open with somebody see their new
// picture, and that it was taken away, without asking.
func TestPictureIsTold(t *testing.T) {
	n := start(t, config(t))
	ann, ben := n.join("ann@example.org"), n.join("ben@example.org")
	room := ann.room("general")
	ben.do("POST", room+"/join", nil).want(http.StatusOK)
	hers, his := ann.device(), ben.device()
	hers.join(room)
	his.join(room)
	told := func(picture string) {
		t.Helper()
		for {
			var change protocol.PresenceChange
			his.expect(protocol.Presence, &change)
			for _, person := range change.Online {
				if person.ID == ann.id() && person.Picture == picture {
					return
				}
			}
		}
	}
	var self protocol.Self
	ann.do("PUT", "/api/v1/me/picture", pictureBody(painted(t, 20, color.White))).want(http.StatusOK).into(&self)
	told(self.Picture)
	ann.do("DELETE", "/api/v1/me/picture", nil).want(http.StatusOK)
	told("")
}

// TestPictureRefused: what is no picture (A64), and addresses of none.
func TestPictureRefused(t *testing.T) {
	n := start(t, config(t))
	ann := n.join("ann@example.org")
	for name, file := range map[string][]byte{
		"nothing": nil,
		"SVG":     []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"HTML":    []byte("<!doctype html><script>alert(1)</script>"),
	} {
		t.Run(name, func(t *testing.T) {
			ann.do("PUT", "/api/v1/me/picture", pictureBody(file)).wantCode(http.StatusBadRequest, "invalid")
		})
	}
	ann.do("PUT", "/api/v1/me/picture", map[string]any{"image": "%%%"}).wantCode(http.StatusBadRequest, "invalid")
	ann.do("PUT", "/api/v1/me/picture", map[string]any{}).wantCode(http.StatusBadRequest, "invalid")
	ann.do("PUT", "/api/v1/me/picture", pictureBody(make([]byte, picture.MaxBytes+1))).wantCode(http.StatusRequestEntityTooLarge, "too_large")
	ann.do("PUT", "/api/v1/me/picture", pictureBody(make([]byte, 2*picture.MaxBytes))).wantCode(http.StatusRequestEntityTooLarge, "too_large")
	// Other calls take as little as before.
	ann.do("PATCH", "/api/v1/me", map[string]any{"name": strings.Repeat("x", 200<<10)}).wantCode(http.StatusRequestEntityTooLarge, "too_large")
	var self protocol.Self
	if ann.do("GET", "/api/v1/me", nil).want(http.StatusOK).into(&self); self.Picture != "" {
		t.Errorf("what was refused left the picture %q", self.Picture)
	}
	for _, id := range []string{"x", "..%2f..%2fparley.db", "%00", strings.Repeat("x", 100)} {
		n.client().do("GET", "/api/v1/pictures/"+id, nil).wantCode(http.StatusNotFound, "not_found")
	}
}
