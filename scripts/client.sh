#!/usr/bin/env bash
# The TypeScript client library: client.sh install | test.
#
#   install  the packages of package-lock.json
#   test     format, types, unit tests, its build, and a real server that is killed
set -euo pipefail
source "$(dirname "$0")/lib.sh"

lib=clients/typescript

# Not npm ci, for the reason that scripts/web.sh names.
install() { npm --prefix $lib install --no-save --no-audit --no-fund --loglevel=error; }

case ${1:-} in
install)
	install
	;;
test)
	step "TypeScript client"
	install
	npm --prefix $lib run check
	npm --prefix $lib run build
	CGO_ENABLED=0 go build -trimpath -o bin/parley ./cmd/parley
	PARLEY_BIN=$root/bin/parley npm --prefix $lib run e2e
	;;
*)
	echo "usage: scripts/client.sh install|test" >&2
	exit 2
	;;
esac
