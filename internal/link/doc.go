// Package link stands between two programs that talk over TCP and lets the way
// between them fail as networks do: connections are cut in the middle of a
// frame, bytes come late, slowly, or not at all for a while without anybody
// being told. Campaigns put a [Link] between each server and each service that
// it uses, and between people and servers.
//
// A link knows just enough of what passes to tell where frames begin and end
// ([Frames]), so that a cut is certain to fall inside one. It changes nothing
// of what it hands on.
package link
