#!/usr/bin/env bash
# Formatting, vet and lint: `make check`. staticcheck is pinned in tools/go.mod;
# staticcheck.conf says what it is asked.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

step "check"
unformatted=$(git ls-files -z -- '*.go' | xargs -0 gofmt -l)
if [[ -n $unformatted ]]; then
	echo "run gofmt -w on:" $unformatted >&2
	exit 1
fi
go vet ./...
go vet -tags failpoints ./...
(cd deploy && go vet ./...)
go tool -modfile=tools/go.mod staticcheck ./...
