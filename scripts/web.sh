#!/usr/bin/env bash
# The web client: web.sh install | build | test | e2e.
#
#   install  the packages of package-lock.json
#   build    makes the TypeScript types of package protocol and web/dist anew
#   test     format, types, unit tests, and whether the generated files are current
#   e2e      real browsers against a real server, with what Playwright is told; the
#            screenshots go to web/test-results
set -euo pipefail
source "$(dirname "$0")/lib.sh"

# Exactly what package-lock.json says, which stays as it is. Not npm ci: where a
# registry does not have the optional packages of other platforms, the lock file
# cannot name them, and npm ci refuses it.
install() { npm --prefix web install --no-save --no-audit --no-fund --loglevel=error; }

case ${1:-} in
install)
	install
	;;
build)
	install
	go generate ./web/...
	npm --prefix web run build
	;;
test)
	step "web client: check and unit tests"
	[[ -d web/node_modules ]] || install
	npm --prefix web run check
	npm --prefix web run check:dist
	;;
e2e)
	step "web client: browser tests"
	[[ -d web/node_modules ]] || install
	CGO_ENABLED=0 go build -trimpath -o bin/parley ./cmd/parley
	PARLEY_BIN=$root/bin/parley npm --prefix web run e2e -- "${@:2}"
	;;
*)
	echo "usage: scripts/web.sh install|build|test|e2e" >&2
	exit 2
	;;
esac
