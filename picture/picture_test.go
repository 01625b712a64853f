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
	"os"
	"path/filepath"
	"slices"
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

// webpOf is an image like those of drawn, 60 by 40, that another program has
// encoded.
func webpOf(t testing.TB, name string) []byte {
	file, err := os.ReadFile(filepath.Join("testdata", name+".webp"))
	if err != nil {
		t.Fatal(err)
	}
	return file
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
		{"WebP", webpOf(t, "lossy"), 40, "jpeg"},
		{"transparent WebP", webpOf(t, "lossy-alpha"), 40, "png"},
		{"transparent WebP without loss", webpOf(t, "lossless-alpha"), 40, "png"},
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
		{"WebP that moves", webpOf(t, "moving"), chat.Invalid},
		{"half of a WebP", webpOf(t, "lossy")[:64], chat.Invalid},
		{"HTML behind the first bytes of a WebP", []byte("RIFF\x40\x00\x00\x00WEBPVP8 <script>alert(1)</script>"), chat.Invalid},
		{"RIFF that is no image", []byte("RIFF\x04\x00\x00\x00WAVE"), chat.Invalid},
		{"WebP of too many pixels", webpBomb(16383, 16383), chat.TooLarge},
		{"WebP of more pixels than its frame says", widened(webpOf(t, "lossy-alpha"), 16), chat.Invalid},
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

// webpBomb is a WebP, without loss, that says how large it is.
func webpBomb(width, height uint32) []byte {
	bits := binary.LittleEndian.AppendUint32([]byte{0x2F}, width-1|(height-1)<<14)
	file := []byte("RIFF\x12\x00\x00\x00WEBPVP8L\x05\x00\x00\x00")
	return append(append(file, bits...), 0)
}

// widened is a WebP with a head whose width is another than that of its frame.
func widened(file []byte, width byte) []byte {
	file = slices.Clone(file)
	file[24] = width - 1
	return file
}

// TestTurned: a photograph comes out as its camera says that it is to be seen,
// in each of the eight ways; what says nothing that makes sense comes out as it
// lies there.
func TestTurned(t *testing.T) {
	// The corners of what is seen, from the upper left along the rows: red,
	// green, blue, black.
	const seen = "rgbk"
	// What lies in the file, for each orientation.
	lies := map[uint16]string{
		1: "rgbk", 2: "grkb", 3: "kbgr", 4: "bkrg",
		5: "rbgk", 6: "gkrb", 7: "kgbr", 8: "brkg",
	}
	for by, corners := range lies {
		for order, exif := range map[string][]byte{
			"big-endian":    exifOf(binary.BigEndian, entry{0x0112, 3, 1, by}),
			"little-endian": exifOf(binary.LittleEndian, entry{0x010F, 3, 1, 7}, entry{0x0112, 3, 1, by}),
		} {
			if got := cornersOf(t, photo(t, corners, exif)); got != seen {
				t.Errorf("orientation %d, %s: seen %q, want %q", by, order, got, seen)
			}
		}
	}

	whole := exifOf(binary.BigEndian, entry{0x0112, 3, 1, 6})
	for name, exif := range map[string][]byte{
		"none":                 nil,
		"0":                    exifOf(binary.BigEndian, entry{0x0112, 3, 1, 0}),
		"9":                    exifOf(binary.BigEndian, entry{0x0112, 3, 1, 9}),
		"of another type":      exifOf(binary.BigEndian, entry{0x0112, 4, 1, 6}),
		"many":                 exifOf(binary.BigEndian, entry{0x0112, 3, 1 << 31, 6}),
		"another tag":          exifOf(binary.BigEndian, entry{0x0113, 3, 1, 6}),
		"nothing behind Exif":  whole[:6],
		"no byte order":        append([]byte("Exif\x00\x00XX"), whole[8:]...),
		"cut in its head":      whole[:12],
		"cut in its directory": whole[:16],
		"cut in its entry":     whole[:len(whole)-9],
		"a directory far off":  append(append([]byte{}, whole[:10]...), 0xFF, 0xFF, 0xFF, 0xFF),
	} {
		if got := cornersOf(t, photo(t, "rgbk", exif)); got != "rgbk" {
			t.Errorf("%s: seen %q, want it as it lies there", name, got)
		}
	}
}

// TestCameraFile: the same with a file that another program has written.
func TestCameraFile(t *testing.T) {
	file, err := os.ReadFile("testdata/turned.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if got := cornersOf(t, file); got != "rrbb" {
		t.Errorf("a picture red on the left, turned right, has the corners %q", got)
	}
}

// entry is one of a directory of TIFF: its value stands in it.
type entry struct {
	tag, kind uint16
	count     uint32
	value     uint16
}

// exifOf is the content of a segment with one directory.
func exifOf(order binary.AppendByteOrder, entries ...entry) []byte {
	head := "MM\x00*"
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		head = "II*\x00"
	}
	exif := order.AppendUint32([]byte("Exif\x00\x00"+head), 8)
	exif = order.AppendUint16(exif, uint16(len(entries)))
	for _, e := range entries {
		exif = order.AppendUint16(exif, e.tag)
		exif = order.AppendUint16(exif, e.kind)
		exif = order.AppendUint32(exif, e.count)
		exif = order.AppendUint16(exif, e.value)
		exif = append(exif, 0, 0)
	}
	return append(exif, 0, 0, 0, 0)
}

var paints = map[byte]color.NRGBA{
	'r': {R: 255, A: 255}, 'g': {G: 255, A: 255}, 'b': {B: 255, A: 255}, 'k': {A: 255},
}

// photo is a JPEG whose four corners have these paints, with a segment of EXIF
// if there is one.
func photo(t *testing.T, corners string, exif []byte) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			img.Set(x, y, paints[corners[y/32*2+x/32]])
		}
	}
	file := asJPEG(t, img)
	if exif == nil {
		return file
	}
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(exif)+2))
	return slices.Concat(file[:2], segment, exif, file[2:])
}

// cornersOf is how the corners of the picture of a file look.
func cornersOf(t *testing.T, file []byte) string {
	t.Helper()
	made, err := picture.Make(file)
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := image.Decode(bytes.NewReader(made.Body))
	if err != nil {
		t.Fatal(err)
	}
	var corners []byte
	quarter := img.Bounds().Dx() / 4
	for _, at := range []image.Point{{quarter, quarter}, {3 * quarter, quarter}, {quarter, 3 * quarter}, {3 * quarter, 3 * quarter}} {
		r, g, b, _ := img.At(at.X, at.Y).RGBA()
		paint := byte('k')
		for name, value := range map[byte]uint32{'r': r, 'g': g, 'b': b} {
			if value > 0x8000 {
				paint = name
			}
		}
		corners = append(corners, paint)
	}
	return string(corners)
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

// FuzzMake: whatever a file is, what comes out is a small square and nothing
// else.
func FuzzMake(f *testing.F) {
	f.Add(bomb(10, 10))
	f.Add(webpBomb(10, 10))
	f.Add([]byte("\xff\xd8\xff"))
	for _, name := range []string{"lossy.webp", "lossy-alpha.webp", "lossless-alpha.webp", "moving.webp", "turned.jpg"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		made, err := picture.Make(file)
		if err != nil {
			return
		}
		size, kind, err := image.DecodeConfig(bytes.NewReader(made.Body))
		if err != nil || made.Type != "image/"+kind || size.Width != size.Height || size.Width < 1 || size.Width > picture.Side {
			t.Errorf("made %s of %d by %d, called %s: %v", kind, size.Width, size.Height, made.Type, err)
		}
	})
}
