package web

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// workerScript is the service worker, which lets the client open without a
// network. It is served from the root, because a worker governs what is beside
// and below its own path.
const workerScript = "sw.js"

// fillIn writes into the worker which build it belongs to, and what of that it
// keeps: everything that the client may ask for once it is open. index.html it
// fetches by itself. A worker that was changed is how a browser notices that
// there is another build.
func fillIn(worker []byte, version string, names []string) []byte {
	names = slices.DeleteFunc(names, func(name string) bool { return !kept(name) })
	for i, name := range names {
		names[i] = "/" + name
		if rest, ok := strings.CutPrefix(name, "assets/"); ok {
			names[i] = "/assets/" + version + "/" + rest
		}
	}
	worker = bytes.ReplaceAll(worker, []byte("{version}"), []byte(version))
	return bytes.ReplaceAll(worker, []byte("{files}"), []byte(strings.Join(names, " ")))
}

// kept reports whether the client needs a file without a network. Icons are for
// the system, which keeps them; the licences are read by few.
func kept(name string) bool {
	switch path.Ext(name) {
	case ".js":
		return name != workerScript && name != "assets/pseudo.js"
	case ".css", ".svg":
		return true
	}
	return false
}
