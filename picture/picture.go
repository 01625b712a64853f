package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"

	"github.com/parleychat/parley/chat"
)

const (
	// MaxBytes is how large a file may be.
	MaxBytes = 256 << 10
	// MaxPixels is how many pixels it may have.
	MaxPixels = 4 << 20
	// Side is the width and the height, in pixels, of what is made of it; what
	// is smaller stays so.
	Side = 256

	// maxScans bounds the passes over a progressive JPEG, each of which may
	// visit all of its pixels.
	maxScans = 64
	quality  = 88
)

// Picture is a small square image.
type Picture struct {
	ID   string // of its bytes: equal pictures have equal ids
	Type string // image/jpeg, or image/png when some of it is transparent
	Body []byte
}

// Make makes a picture of a PNG, JPEG or WebP file, a photograph turned as its
// camera says. It refuses everything else with [chat.Invalid], and with
// [chat.TooLarge] a file of more than [MaxBytes] or [MaxPixels].
//
// One file may take some 100 MB and a second to decode: callers bound how many
// are made at a time.
func Make(file []byte) (Picture, error) {
	if len(file) > MaxBytes {
		return Picture{}, chat.Errorf(chat.TooLarge, "A picture may have %d KiB. Make it smaller first.", MaxBytes>>10)
	}
	decoder, known := decoderOf(file)
	if !known {
		return Picture{}, notAnImage()
	}
	if isAnimated(file) {
		return Picture{}, chat.Errorf(chat.Invalid, "A picture does not move. Choose a still image.")
	}
	size, err := decoder.config(bytes.NewReader(file))
	if err != nil || size.Width < 1 || size.Height < 1 {
		return Picture{}, notAnImage()
	}
	if size.Width > MaxPixels/size.Height || bytes.Count(file, startOfScan) > maxScans && decoder.scans {
		return Picture{}, chat.Errorf(chat.TooLarge, "A picture may have %d million pixels. Make it smaller first.", MaxPixels>>20)
	}
	given, err := decoder.decode(bytes.NewReader(file))
	if err != nil {
		return Picture{}, notAnImage()
	}
	made := square(given)
	if decoder.exif {
		made = turned(made, orientationOf(file))
	}
	return encode(made)
}

func notAnImage() *chat.Error {
	return chat.Errorf(chat.Invalid, "This is no PNG, JPEG or WebP image, or not a whole one.")
}

// startOfScan is the marker SOS (ITU T.81, B.1.1.3).
var startOfScan = []byte{0xFF, 0xDA}

type decoder struct {
	config func(*bytes.Reader) (image.Config, error)
	decode func(*bytes.Reader) (image.Image, error)
	scans  bool // can visit each pixel many times
	exif   bool // may say how it is turned
}

// decoderOf goes by the first bytes, whatever the file is called.
func decoderOf(file []byte) (decoder, bool) {
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return decoder{
			config: func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) },
			decode: func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) },
		}, true
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return decoder{
			config: func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) },
			decode: func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) },
			scans:  true,
			exif:   true,
		}, true
	case isWebP(file):
		return decoder{
			config: func(r *bytes.Reader) (image.Config, error) { return webp.DecodeConfig(r) },
			decode: func(r *bytes.Reader) (image.Image, error) { return webp.Decode(r) },
		}, true
	}
	return decoder{}, false
}

// isWebP goes by the head of the container: RIFF, its length, WEBP.
func isWebP(file []byte) bool {
	return len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP"
}

// isAnimated reports whether a WebP file says so in its chunk VP8X, the first if
// there is one. The still images of one that only does not say so are nowhere
// that the decoder would look.
func isAnimated(file []byte) bool {
	const animation = 1 << 1
	return isWebP(file) && len(file) > 20 && string(file[12:16]) == "VP8X" && file[20]&animation != 0
}

// square scales the middle of an image: each pixel is the mean of those that
// come to lie in it.
func square(given image.Image) *image.NRGBA {
	bounds := given.Bounds()
	from := min(bounds.Dx(), bounds.Dy())
	left, top := bounds.Min.X+(bounds.Dx()-from)/2, bounds.Min.Y+(bounds.Dy()-from)/2
	side := min(from, Side)
	made := image.NewNRGBA(image.Rect(0, 0, side, side))
	edge := func(i int) int { return i * from / side }
	for y := range side {
		for x := range side {
			area := image.Rect(left+edge(x), top+edge(y), left+edge(x+1), top+edge(y+1))
			made.Set(x, y, mean(given, area))
		}
	}
	return made
}

func mean(given image.Image, area image.Rectangle) color.Color {
	var red, green, blue, alpha, n uint64
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			r, g, b, a := given.At(x, y).RGBA()
			red, green, blue, alpha, n = red+uint64(r), green+uint64(g), blue+uint64(b), alpha+uint64(a), n+1
		}
	}
	return color.RGBA64{uint16(red / n), uint16(green / n), uint16(blue / n), uint16(alpha / n)}
}

func encode(made *image.NRGBA) (Picture, error) {
	var body bytes.Buffer
	p := Picture{Type: "image/jpeg"}
	var err error
	if made.Opaque() {
		err = jpeg.Encode(&body, made, &jpeg.Options{Quality: quality})
	} else {
		p.Type = "image/png"
		err = png.Encode(&body, made)
	}
	p.Body = body.Bytes()
	sum := sha256.Sum256(p.Body)
	p.ID = base64.RawURLEncoding.EncodeToString(sum[:])
	return p, err
}
