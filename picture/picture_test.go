package picture_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/picture"
)

// drawn is an image whose left half is red, whose right half is blue.
func drawn(width, height int, alpha uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{R: 255, A: alpha}
			if x >= width/2 {
				c = color.NRGBA{B: 255, A: alpha}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

func asPNG(t *testing.T, img image.Image) []byte {
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func asJPEG(t *testing.T, img image.Image) []byte {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestMake(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		side int
		kind string
	}{
		{"wide PNG", asPNG(t, drawn(600, 300, 255)), picture.Side, "jpeg"},
		{"high JPEG", asJPEG(t, drawn(301, 400, 255)), picture.Side, "jpeg"},
		{"small one", asPNG(t, drawn(10, 12, 255)), 10, "jpeg"},
		{"transparent one", asPNG(t, drawn(400, 400, 100)), picture.Side, "png"},
		{"one pixel", asPNG(t, drawn(1, 1, 255)), 1, "jpeg"},
	} {
		made, err := picture.Make(c.file)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		img, kind, err := image.Decode(bytes.NewReader(made.Body))
		if err != nil || kind != c.kind || made.Type != "image/"+c.kind || img.Bounds().Dx() != c.side || img.Bounds().Dy() != c.side {
			t.Errorf("%s became %s (%s) of %v, %v; want a %s of %d", c.name, kind, made.Type, img.Bounds(), err, c.kind, c.side)
		}
		r, _, b, _ := img.At(0, c.side/2).RGBA()
		r2, _, b2, _ := img.At(c.side-1, c.side/2).RGBA()
		if c.side > 1 && (r < b || r2 > b2) {
			t.Errorf("%s: the left is not red, or the right not blue", c.name)
		}
		again, err := picture.Make(c.file)
		if err != nil || again.ID != made.ID || len(made.ID) != 43 {
			t.Errorf("%s: got id %q and then %q", c.name, made.ID, again.ID)
		}
	}
}

// A64: what is no image, or hides something, or would be one too large to hold.
func TestHostileFiles(t *testing.T) {
	var gifFile bytes.Buffer
	if err := gif.Encode(&gifFile, drawn(10, 10, 255), nil); err != nil {
		t.Fatal(err)
	}
	whole := asPNG(t, drawn(300, 300, 255))
	scans := append([]byte(nil), asJPEG(t, drawn(300, 300, 255))...)
	for range 100 {
		scans = append(scans, 0xFF, 0xDA)
	}
	for _, c := range []struct {
		name string
		file []byte
		want chat.Code
	}{
		{"nothing", nil, chat.Invalid},
		{"text", []byte("hello"), chat.Invalid},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), chat.Invalid},
		{"HTML behind the first bytes of a PNG", []byte("\x89PNG\r\n\x1a\n<script>alert(1)</script>"), chat.Invalid},
		{"HTML behind the first bytes of a JPEG", []byte("\xff\xd8\xff<script>alert(1)</script>"), chat.Invalid},
		{"GIF", gifFile.Bytes(), chat.Invalid},
		{"half of a PNG", whole[:len(whole)/2], chat.Invalid},
		{"too many bytes", append(whole[:len(whole):len(whole)], make([]byte, picture.MaxBytes)...), chat.TooLarge},
		{"too many pixels", bomb(60_000, 60_000), chat.TooLarge},
		{"a few pixels too many", bomb(4096, 1025), chat.TooLarge},
		{"more pixels than a number holds", bomb(1<<31-1, 1<<31-1), chat.Invalid},
		{"no pixels", bomb(0, 10), chat.Invalid},
		{"too many scans", scans, chat.TooLarge},
	} {
		_, err := picture.Make(c.file)
		if got := chat.AsError(err).Code; err == nil || got != c.want {
			t.Errorf("%s: got %v, want it refused as %s", c.name, err, c.want)
		}
	}
}

// bomb is a PNG that says how large it is, and little else.
func bomb(width, height uint32) []byte {
	header := []byte("IHDR")
	header = binary.BigEndian.AppendUint32(header, width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, 8, 2, 0, 0, 0)
	file := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	file = append(file, header...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
}

// TestNothingSurvives: neither what stands in a photograph's EXIF nor what is
// hung on its end.
func TestNothingSurvives(t *testing.T) {
	const secret = "48.137,11.575 <script>alert(1)</script>"
	photo := asJPEG(t, drawn(300, 300, 255))
	exif := append([]byte{0xFF, 0xE1, 0, byte(2 + 6 + len(secret))}, "Exif\x00\x00"+secret...)
	photo = append(append(append([]byte{}, photo[:2]...), exif...), photo[2:]...)
	photo = append(photo, secret...)
	made, err := picture.Make(photo)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := picture.Make(asJPEG(t, drawn(300, 300, 255)))
	if err != nil || made.ID != plain.ID || bytes.Contains(made.Body, []byte("script")) {
		t.Errorf("what was hidden in the file changed the picture: %v", err)
	}
}

func FuzzMake(f *testing.F) {
	f.Add(bomb(10, 10))
	f.Add([]byte("\xff\xd8\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		made, err := picture.Make(file)
		if err == nil && (made.Type != "image/jpeg" && made.Type != "image/png" || len(made.Body) == 0) {
			t.Errorf("made %q of %d bytes", made.Type, len(made.Body))
		}
	})
}
