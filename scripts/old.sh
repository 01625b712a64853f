#!/usr/bin/env bash
# scripts/old.sh FILE [COMMIT]: build the server of COMMIT as FILE, and print FILE. Without COMMIT it is the last
# release, and where there is none yet the state of a hundred commits ago. "none", or a history that is too short for
# that, builds and prints nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
file=$1
commit=${2:-$(git describe --tags --abbrev=0 2>/dev/null || git rev-list -1 --skip=100 HEAD)}
[[ -n $commit && $commit != none ]] || exit 0
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT
git archive "$commit" | tar -x -C "$source"
output=$(realpath -m "$file")
(cd "$source" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(git -C "$OLDPWD" describe --tags --always "$commit")" -o "$output" ./cmd/parley)
echo "$file"
