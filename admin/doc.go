// Package admin is how an operator's commands reach the data of a Parley: over
// a socket in the data directory while a server runs, by plain calls when none
// does. It knows no command; whoever has the data makes the table of
// [Commands], the same for both ways.
//
// The socket is a Unix socket of mode 0600, [SocketName] in the data directory.
// Who may use it is who may read the data. It speaks HTTP:
//
//	GET  /          {"protocol":1,"version":"…","pid":…,"commands":["tail",…]}
//	POST /v1/NAME   the request, one JSON object; the answer is any number of
//	                JSON values, one a line. The trailer Parley-Done says that
//	                it is whole, Parley-Error (a quoted ASCII string) why it
//	                is not. An answer without either was cut off.
//
// Every answer has the header Parley-Admin with the version of this protocol.
// A change that an older program would misunderstand gets the next number;
// new commands and new members do not.
package admin
