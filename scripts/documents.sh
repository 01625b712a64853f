#!/usr/bin/env bash
# Installs, outside the repository, what judges the documents in docs/: the
# AsyncAPI project's JSON schema and newman, which runs Postman collections, in
# the versions of e2e/testdata/documents. e2e/rig finds them there.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

pins=$root/e2e/testdata/documents
cache=${XDG_CACHE_HOME:-$HOME/.cache}/parley/documents
mkdir -p "$cache"
if have flock; then
	exec 9>"$cache/lock"
	flock 9
fi
cmp -s "$pins/package-lock.json" "$cache/installed" && exit
cp "$pins/package.json" "$pins/package-lock.json" "$cache/"
(cd "$cache" && npm ci --no-audit --no-fund --ignore-scripts --silent)
cp "$pins/package-lock.json" "$cache/installed"
