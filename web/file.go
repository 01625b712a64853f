package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
)

// file is one file of the build, ready to be sent.
type file struct {
	contentType string
	body        []byte
	etag        string
	gzipped     []byte // nil when compressing does not help
	gzippedETag string
}

// contentTypes of what a build contains, fixed here because the system's own
// table differs from machine to machine.
var contentTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
}

// load reads and compresses every file of the build. It refuses a file whose
// type it does not know, so that none is ever served by guess.
func load(assets fs.FS) (map[string]*file, error) {
	files := make(map[string]*file)
	err := fs.WalkDir(assets, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(assets, name)
		if err != nil {
			return err
		}
		contentType, known := contentTypes[path.Ext(name)]
		if !known {
			return fmt.Errorf("%s: no content type is known for %q", name, path.Ext(name))
		}
		f := &file{contentType: contentType, body: body, etag: etagOf(body, "")}
		gzipped, err := compress(body)
		if err != nil {
			return fmt.Errorf("compress %s: %w", name, err)
		}
		if len(gzipped) < len(body)*9/10 {
			f.gzipped, f.gzippedETag = gzipped, etagOf(body, "-gzip")
		}
		files[name] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load the client: %w", err)
	}
	if files["index.html"] == nil {
		return nil, fmt.Errorf("load the client: no index.html")
	}
	return files, nil
}

func compress(body []byte) ([]byte, error) {
	var out bytes.Buffer
	writer, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(body); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// etagOf is a strong validator of the body in the encoding that suffix names.
func etagOf(body []byte, suffix string) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + suffix + `"`
}
