#!/usr/bin/env bash
# Parley over Kafka beside bare clients of the same broker: ROUNDS rounds (default
# 5), in each of which they take turns; medians in the end. Latency from somebody
# at one server to somebody at another, acknowledged records a second, and what
# following costs a node at which nobody is.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for package in e2e eventlog fanout; do
	go test -c -o "$out/$package" "./$package"
done
for round in $(seq "${ROUNDS:-5}"); do
	for bench in "e2e ^BenchmarkKafkaLatency$ ${MESSAGES:-6000}" "eventlog ^BenchmarkKafka$/^Acknowledged$ ${SENDS:-200000}" "fanout ^BenchmarkFollowNobody$ ${RECORDS:-500000}"; do
		read -r package pattern times <<<"$bench"
		(cd "$package" && "$out/$package" -test.run '^$' -test.bench "$pattern" -test.benchtime "${times}x" 2>"$out/err") >"$out/said" ||
			{ cat "$out/said" "$out/err" >&2; exit 1; }
		# Lines of a log may stand between a benchmark's name and its figures.
		awk -v round="$round" '
			/^Benchmark/ { name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name) }
			/ns\/op/ {
				for (i = 2; i <= NF; i++) {
					if ($i == "ns/op" && name ~ /Acknowledged/) print round, name, "records/s", 1e9 / $(i - 1)
					if ($i == "p50-us" || $i == "p99-us" || $i == "us/record") print round, name, $i, $(i - 1)
				}
			}' "$out/said" | tee -a "$out/figures"
	done
done
median() {
	awk -v name="$1" -v unit="$2" '$2 == name && $3 == unit { print $4 }' "$out/figures" | sort -n |
		awk '{ v[NR] = $1 } END { if (NR == 0) exit 1; print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}
echo
echo "| medians of ${ROUNDS:-5} rounds | bare | Parley | Parley ÷ bare |"
echo "| --- | --- | --- | --- |"
while IFS='|' read -r what unit bare parley; do
	awk -v what="$what" -v bare="$(median "$bare" "$unit")" -v parley="$(median "$parley" "$unit")" \
		'function short(x) { return sprintf(x < 100 ? "%.2f" : "%.0f", x) }
		BEGIN { printf "| %s | %s | %s | %.2f |\n", what, short(bare), short(parley), parley / bare }'
done <<'END'
from one server to another, p50 (µs)|p50-us|KafkaLatency/Bare|KafkaLatency/Parley
p99 (µs)|p99-us|KafkaLatency/Bare|KafkaLatency/Parley
acknowledged records a second, 1,000 under way|records/s|Kafka/Acknowledged/Bare|Kafka/Acknowledged/Log
following, nobody here: µs of CPU a record (s a million)|us/record|FollowNobody/Bare|FollowNobody/Hub
END
