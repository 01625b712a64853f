// Package picture makes a small square of an image that somebody has given, for
// use beside their name.
//
// Nothing of the file itself survives: it is decoded, cut to its middle,
// scaled, turned as the camera says, and encoded anew, so neither where a
// photograph was taken nor what else a file may contain reaches anybody. What it
// costs is bounded by the size of the file and by the pixels that it declares,
// before they are decoded.
package picture
