#!/usr/bin/env bash
# Measures Parley beside the floor program and node's Socket.IO, in interleaved
# rounds, and writes docs/benchmarks.md: `make bench`. Takes some minutes; keep
# the machine quiet.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

need strace strace || skip "system calls are not counted: no strace"
if have npm; then
	npm --prefix bench/nodeio ci --no-audit --no-fund --loglevel=error
fi
exec go run ./bench/run -parley bin/parley "$@"
