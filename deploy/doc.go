// Package deploy holds what Parley is installed with: a Dockerfile, compositions
// for one server and for several, a proxy's and a unit's settings. Its tests
// read them with the library that docker compose itself is made of. It is a
// module of its own, so that the server does not depend on that.
package deploy
