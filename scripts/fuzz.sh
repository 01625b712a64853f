#!/usr/bin/env bash
# Runs every fuzz target of the module, one after another, FUZZTIME each.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		step "$package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-1m}" "$package"
	done
done
