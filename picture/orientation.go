package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how the rows and columns of a photograph lie, as the camera
// has written it into the file (EXIF 2.32, tag 0x0112). The zero value and
// upright are the same.
type orientation uint16

const (
	upright orientation = 1 + iota
	mirrored
	upsideDown
	mirroredUpsideDown
	transposed // mirrored along the diagonal from the upper left
	turnedLeft // is to be turned right
	transversed
	turnedRight
)

// turned is a square image as its orientation wants it seen.
func turned(given *image.NRGBA, by orientation) *image.NRGBA {
	if by <= upright || by > turnedRight {
		return given
	}
	made := image.NewNRGBA(given.Bounds())
	last := given.Bounds().Dx() - 1
	for y := range last + 1 {
		for x := range last + 1 {
			from := by.source(x, y, last)
			made.SetNRGBA(x, y, given.NRGBAAt(from.X, from.Y))
		}
	}
	return made
}

// source is which pixel of the given square comes to lie at (x, y).
func (o orientation) source(x, y, last int) image.Point {
	switch o {
	case mirrored:
		return image.Pt(last-x, y)
	case upsideDown:
		return image.Pt(last-x, last-y)
	case mirroredUpsideDown:
		return image.Pt(x, last-y)
	case transposed:
		return image.Pt(y, x)
	case turnedLeft:
		return image.Pt(y, last-x)
	case transversed:
		return image.Pt(last-y, last-x)
	case turnedRight:
		return image.Pt(last-y, x)
	}
	return image.Pt(x, y)
}

// Markers of a JPEG file (ITU T.81, B.1.1.3).
const (
	markerTEM  = 0x01 // stands alone, as do RST0 to RST7
	markerRST0 = 0xD0
	markerRST7 = 0xD7
	markerEOI  = 0xD9
	markerSOS  = 0xDA
	markerAPP1 = 0xE1
)

// exifMark begins a segment APP1 that holds EXIF.
var exifMark = []byte("Exif\x00\x00")

// orientationOf reads the orientation of a JPEG file from the segments before
// its image. What is missing or broken leaves it upright: that is no reason to
// refuse a picture. It reads each byte at most once.
func orientationOf(file []byte) orientation {
	rest := file[min(2, len(file)):] // behind SOI
	for len(rest) >= 4 && rest[0] == 0xFF {
		marker := rest[1]
		switch {
		case marker == 0xFF: // fills
			rest = rest[1:]
			continue
		case marker == markerTEM || marker >= markerRST0 && marker <= markerRST7:
			rest = rest[2:]
			continue
		case marker == markerSOS || marker == markerEOI:
			return upright
		}
		length := int(binary.BigEndian.Uint16(rest[2:])) // with its own two bytes
		if length < 2 || length > len(rest)-2 {
			return upright
		}
		segment := rest[4 : 2+length]
		if tiff, isExif := bytes.CutPrefix(segment, exifMark); isExif && marker == markerAPP1 {
			return orientationIn(tiff)
		}
		rest = rest[2+length:]
	}
	return upright
}

// Of a TIFF directory (TIFF 6.0, section 2).
const (
	tagOrientation = 0x0112
	typeShort      = 3
	entrySize      = 12
)

// orientationIn looks through the first directory of a TIFF block.
func orientationIn(tiff []byte) orientation {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return upright
	}
	if len(tiff) < 8 {
		return upright
	}
	start := uint64(order.Uint32(tiff[4:]))
	if start+2 > uint64(len(tiff)) {
		return upright
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < entrySize {
			return upright
		}
		entry := entries[:entrySize]
		if order.Uint16(entry) == tagOrientation {
			found := orientation(order.Uint16(entry[8:]))
			if order.Uint16(entry[2:]) != typeShort || order.Uint32(entry[4:]) != 1 || found > turnedRight {
				return upright
			}
			return max(found, upright)
		}
		entries = entries[entrySize:]
	}
	return upright
}
