package server_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/parleychat/parley/limits"
	"github.com/parleychat/parley/protocol"
)

// Attacks by files: A64.

func hostilePictures(t *testing.T) {
	h := beside(t)
	t.Run("files", h.hostileFiles)
	t.Run("what is hidden", h.hiddenInPictures)
	t.Run("many", h.manyPictures)
	t.Run("addresses", h.picturesOfOthers)
}

// hostileFiles are refused for what they are, whatever they call themselves.
func (h *honest) hostileFiles(t *testing.T) {
	const markup = "<!doctype html><script>alert(1)</script>"
	whole := painted(t, 300, color.White)
	for i, c := range []struct {
		name   string
		file   []byte
		status int
		code   string
	}{
		{"GIF that is a script", []byte("GIF89a/*\x01\x00\x00\x00\x00*/=1;alert(1)//;"), 400, "invalid"},
		{"HTML", []byte(markup), 400, "invalid"},
		{"HTML behind the first bytes of a PNG", []byte("\x89PNG\r\n\x1a\n" + markup), 400, "invalid"},
		{"HTML behind the first bytes of a JPEG", []byte("\xff\xd8\xff\xe0" + markup), 400, "invalid"},
		{"HTML behind the first bytes of a WebP", []byte("RIFF\x00\x01\x00\x00WEBPVP8 " + markup), 400, "invalid"},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), 400, "invalid"},
		{"SVG behind an XML declaration", []byte(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>`), 400, "invalid"},
		{"PDF", []byte("%PDF-1.7\n" + markup), 400, "invalid"},
		{"PNG that says it is a JPEG", slices.Concat([]byte("\xff\xd8\xff\xe0"), whole[4:]), 400, "invalid"},
		{"half of a PNG", whole[:len(whole)/2], 400, "invalid"},
		{"10,000 by 10,000 pixels in a few bytes", blankPNG(t, 10_000, 10_000), 413, "too_large"},
		{"JPEG of 65,535 by 65,535", vastJPEG(t), 413, "too_large"},
		{"WebP of 16,383 by 16,383", []byte("RIFF\x12\x00\x00\x00WEBPVP8L\x05\x00\x00\x00\x2f\xfe\xbf\xff\x0f\x00"), 413, "too_large"},
		{"PNG whose rows end early", blankPNG(t, 2_000, 2_000)[:400], 400, "invalid"},
	} {
		if i%limits.PicturesBurst == 0 { // each may give ten a minute
			h.mallory = h.n.join(fmt.Sprintf("mallory%d@example.org", i))
		}
		t.Run(c.name, func(t *testing.T) {
			answer := h.mallory.do("PUT", "/api/v1/me/picture", pictureBody(c.file))
			answer.wantCode(c.status, c.code)
			if strings.Contains(answer.body, "alert") {
				t.Errorf("the refusal repeats the file: %s", answer.body)
			}
		})
	}
	h.talk("files")
	var self protocol.Self
	if h.mallory.do("GET", "/api/v1/me", nil).want(http.StatusOK).into(&self); self.Picture != "" {
		t.Errorf("what was refused left the picture %q", self.Picture)
	}
}

// blankPNG has so many pixels, all of them nothing.
func blankPNG(t *testing.T, width, height uint32) []byte {
	t.Helper()
	var pixels bytes.Buffer
	packer := zlib.NewWriter(&pixels)
	row := make([]byte, 1+(width+7)/8)
	for range height {
		if _, err := packer.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	file := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range []struct {
		kind string
		data []byte
	}{{"IHDR", append(header, 1, 0, 0, 0, 0)}, {"IDAT", pixels.Bytes()}, {"IEND", nil}} {
		file = binary.BigEndian.AppendUint32(file, uint32(len(chunk.data)))
		named := append([]byte(chunk.kind), chunk.data...)
		file = binary.BigEndian.AppendUint32(append(file, named...), crc32.ChecksumIEEE(named))
	}
	return file
}

// vastJPEG is a small one whose frame says that it is as large as one can be.
func vastJPEG(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	vast := file.Bytes()
	frame := bytes.Index(vast, []byte{0xFF, 0xC0})
	copy(vast[frame+5:], []byte{0xFF, 0xFF, 0xFF, 0xFF})
	return vast
}

// hiddenInPictures: of a file that holds more than an image nothing but the
// image comes out.
func (h *honest) hiddenInPictures(t *testing.T) {
	const place = "48.137154,11.576124"
	var archive bytes.Buffer
	packer := zip.NewWriter(&archive)
	inside, err := packer.Create("run.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(inside, "alert(1)"); err != nil {
		t.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 40, 40)), nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00" + place
	file := slices.Concat(photo.Bytes()[:2], []byte{0xFF, 0xE1, 0, byte(len(exif) + 2)}, []byte(exif), photo.Bytes()[2:], archive.Bytes(), []byte("<script>"))
	var self protocol.Self
	h.ann.do("PUT", "/api/v1/me/picture", pictureBody(file)).want(http.StatusOK).into(&self)
	shown := h.n.client().do("GET", "/api/v1/pictures/"+self.Picture, nil).want(http.StatusOK)
	for _, hidden := range []string{place, "Exif", "PK\x03\x04", "run.js", "<script>"} {
		if strings.Contains(shown.body, hidden) {
			t.Errorf("%q came out again", hidden)
		}
	}
	for name, want := range map[string]string{"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff"} {
		if got := shown.header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// manyPictures: whoever gives one after the other is told to wait, and for how
// long; others are not. Of asking for them tells TestPicturesAreCounted of auth.
func (h *honest) manyPictures(t *testing.T) {
	mallory := h.n.join("mallory.many@example.org")
	body := pictureBody(painted(t, 10, color.Black))
	for range limits.PicturesBurst {
		mallory.do("PUT", "/api/v1/me/picture", body).want(http.StatusOK)
	}
	limited := mallory.do("PUT", "/api/v1/me/picture", body)
	limited.wantCode(http.StatusTooManyRequests, "rate_limited")
	if limited.header.Get("Retry-After") != "6" {
		t.Errorf("Retry-After: got %q, want 6", limited.header.Get("Retry-After"))
	}
	h.ben.do("PUT", "/api/v1/me/picture", body).want(http.StatusOK)
	h.talk("pictures")
}

// picturesOfOthers: an address of a picture cannot be guessed, leads to nothing
// else, and to nothing once the picture is taken away.
func (h *honest) picturesOfOthers(t *testing.T) {
	var self protocol.Self
	h.ann.do("PUT", "/api/v1/me/picture", pictureBody(painted(t, 20, color.White))).want(http.StatusOK).into(&self)
	id := self.Picture
	anyone := h.n.client()
	for _, near := range []string{
		strings.ToLower(id), strings.ToUpper(id), id[:42], id + "A", "%20" + id, id + "%00", "*", "%25", "..%2F..%2Fparley.db",
		fmt.Sprint(self.ID), "'%20OR%20''='", "..", ".", strings.Repeat("A", 43), strings.Repeat("A", 5000),
	} {
		if answer := anyone.do("GET", "/api/v1/pictures/"+near, nil); answer.status == http.StatusOK && strings.HasPrefix(answer.header.Get("Content-Type"), "image/") {
			t.Errorf("%.60q leads to a picture", near)
		}
	}
	held := anyone.do("GET", "/api/v1/pictures/"+id, nil).want(http.StatusOK)
	again := anyone.do("GET", "/api/v1/pictures/"+id, nil, header{"If-None-Match", "W/" + held.header.Get("ETag")}).want(http.StatusNotModified)
	if len(again.body) != 0 || again.header.Get("Cache-Control") != held.header.Get("Cache-Control") {
		t.Errorf("what the caller has was answered with %d bytes, %q", len(again.body), again.header.Get("Cache-Control"))
	}
	anyone.do("GET", "/api/v1/pictures/"+id, nil, header{"If-None-Match", `"another"`}).want(http.StatusOK)
	h.ann.do("DELETE", "/api/v1/me/picture", nil).want(http.StatusOK)
	gone := anyone.do("GET", "/api/v1/pictures/"+id, nil, header{"If-None-Match", held.header.Get("ETag")})
	if gone.wantCode(http.StatusNotFound, "not_found"); gone.header.Get("Cache-Control") != "no-store" {
		t.Errorf("that there is none may be kept: %q", gone.header.Get("Cache-Control"))
	}
}
