#!/usr/bin/env bash
# Durable sends a second beside a bare group commit: ROUNDS rounds (default 3), in
# each of which the bare loop, the log and the hub take turns; medians in the end.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
go test -c -o "$out/eventlog" ./eventlog
go test -c -o "$out/history" ./history
for round in $(seq "${ROUNDS:-3}"); do
	for bench in "eventlog ^BenchmarkAppend$" "history ^BenchmarkSends$"; do
		read -r package pattern <<<"$bench"
		(cd "$package" && "$out/$package" -test.run '^$' -test.bench "$pattern" -test.benchtime "${SENDS:-100000}x") |
			awk -v round="$round" '/^Benchmark/ { for (i = 2; i < NF; i++) if ($(i + 1) == "rows/s") { sub(/^Benchmark/, "", $1); sub(/-[0-9]+$/, "", $1); print round, $1, $i } }' |
			tee -a "$out/figures"
	done
done
echo "median a second, and as a part of the bare loop:"
for what in Append/bare Append/log Sends/hub Sends/hub+recorder; do
	awk -v what="$what" '$2 == what { print $3 }' "$out/figures" | sort -n |
		awk -v what="$what" '{ v[NR] = $1 } END { if (NR == 0) exit 1; print what, (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
done | awk '{ if (NR == 1) bare = $2; printf "%-18s %9.0f  %.2f\n", $1, $2, $2 / bare }'
