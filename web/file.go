package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
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

// index is the page that everything else belongs to.
const index = "index.html"

// build is the client as it is served.
type build struct {
	// version is made from all files, so it is another one when any of them is.
	version string
	files   map[string]*file // by path, without a leading slash; never changed after load
}

// load reads and compresses every file of the build, and writes the version
// into those that name it. It refuses a file whose type it does not know, so
// that none is ever served by guess.
func load(assets fs.FS) (*build, error) {
	bodies, err := read(assets)
	if err != nil {
		return nil, fmt.Errorf("load the client: %w", err)
	}
	if bodies[index] == nil {
		return nil, fmt.Errorf("load the client: no %s", index)
	}
	client := &build{version: versionOf(bodies), files: make(map[string]*file, len(bodies))}
	bodies[index] = bytes.ReplaceAll(bodies[index], []byte(`"/assets/`), []byte(`"/assets/`+client.version+`/`))
	if worker := bodies[workerScript]; worker != nil {
		bodies[workerScript] = fillIn(worker, client.version, slices.Sorted(maps.Keys(bodies)))
	}
	for name, body := range bodies {
		if client.files[name], err = newFile(name, body); err != nil {
			return nil, fmt.Errorf("load the client: %w", err)
		}
	}
	return client, nil
}

// read is the content of every file by its path.
func read(assets fs.FS) (map[string][]byte, error) {
	bodies := make(map[string][]byte)
	err := fs.WalkDir(assets, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		bodies[name], err = fs.ReadFile(assets, name)
		return err
	})
	return bodies, err
}

// versionOf is short, safe in a path, and the same wherever the same files are.
func versionOf(bodies map[string][]byte) string {
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		sum := sha256.Sum256(bodies[name])
		fmt.Fprintf(hash, "%x %s\n", sum, name)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

func newFile(name string, body []byte) (*file, error) {
	contentType, known := contentTypes[path.Ext(name)]
	if !known {
		return nil, fmt.Errorf("%s: no content type is known for %q", name, path.Ext(name))
	}
	f := &file{contentType: contentType, body: body, etag: etagOf(body, "")}
	gzipped, err := compress(body)
	if err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	if len(gzipped) < len(body)*9/10 {
		f.gzipped, f.gzippedETag = gzipped, etagOf(body, "-gzip")
	}
	return f, nil
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
