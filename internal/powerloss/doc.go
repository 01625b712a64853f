// Package powerloss is a disk that loses power, for tests of what SQLite files
// keep. Between the program and its files stands a layer ([Watch]) that notes
// every write, every fsync and every change of a directory, in order. From its
// notes ([Disk.Image]) a test makes the files as a disk may hold them when the
// power failed at any moment: with everything that was forced to the disk
// before, and with any part of what was not: nothing, all, a prefix, or any
// sectors of it, whatever their order was. Names of files are lost likewise as
// long as their directory was not forced.
//
// What a program promises is then checked with its own code, by opening the
// files of an image. A promise counts from the moment ([Disk.Now]) at which it
// was given.
//
// What the layer assumes of a disk is what SQLite assumes by default: a sector
// of 512 bytes is written as a whole or not at all, bytes beside a write stay as
// they are, and what fsync has returned for is there.
//
// The layer is a VFS of SQLite (https://www.sqlite.org/vfs.html) around the
// platform's own, put in the place of the default. Files that Go code writes
// pass it by.
package powerloss
