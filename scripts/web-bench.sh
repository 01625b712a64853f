#!/usr/bin/env bash
# The web client in a browser on a real server full of people: how soon a room can
# be used, how fast it answers, how smoothly it scrolls, how much memory it takes.
#
#   web-bench.sh         measures (some eight minutes on a quiet machine), and writes
#                        its section of docs/benchmarks.md
#   web-bench.sh smoke   the same with next to nothing, to see that it works
#
# ROUNDS (default 5) is how often everything is done, MINUTES (default 2) how long
# the memory is watched: 30 for the promise itself. ONLY=memory (or opening,
# switching rooms, the switcher, sending, typing, scrolling, with commas between)
# measures that alone. STRICT=1 fails when a promise is missed. WRITE= only shows
# the section.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
case ${1:-} in
'') export WRITE=${WRITE-1} ;;
smoke) export SMOKE=1 WRITE= ;;
*)
	echo "usage: scripts/web-bench.sh [smoke]" >&2
	exit 2
	;;
esac
[[ -d web/node_modules ]] || scripts/web.sh install
if [[ -z ${PARLEY_BIN:-} ]]; then
	CGO_ENABLED=0 go build -trimpath -o bin/parley ./cmd/parley
	export PARLEY_BIN=$root/bin/parley
fi
if [[ -z ${SMOKE:-} ]]; then
	read -r load _ </proc/loadavg
	awk -v busy="$load" -v cores="$(nproc)" 'BEGIN { if (busy > cores / 2) print "WARNING: the machine is busy (load average " busy "): these times will be worth nothing." }' >&2
fi
npm --prefix web exec -- playwright test -c web/bench/playwright.config.ts
