#!/usr/bin/env bash
# Apache Kafka for tests and for trying things out:
#
#	scripts/kafka.sh libs           fetch the broker's jars, print their directory
#	scripts/kafka.sh run [BROKERS]  start 1 or 3 brokers, print where they are,
#	                                stop them and remove their data at the end
#
# The jars come from Maven like any library (kafka/pom.xml) and are kept in the
# user's cache. "run" prints lines for the environment and stays until it is
# interrupted or its standard input ends; all ports are free ones.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

pom=scripts/kafka/pom.xml
cache=${XDG_CACHE_HOME:-$HOME/.cache}/parley/kafka

# libs fetches the jars unless those of this pom are there.
libs() {
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	if have flock; then flock 9; fi
	if ! cmp -s "$pom" "$cache/installed.xml"; then
		need java openjdk-17-jre-headless || { echo "Kafka needs Java: install openjdk-17-jre-headless" >&2; return 1; }
		need mvn maven || { echo "fetching Kafka needs Maven: install maven" >&2; return 1; }
		rm -rf "$cache/libs" "$cache/installed.xml"
		mvn -q -B -f "$pom" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$cache/libs" >&2 || return 1
		cp "$pom" "$cache/installed.xml"
	fi
	exec 9>&-
	have java || need java openjdk-17-jre-headless || { echo "Kafka needs Java: install openjdk-17-jre-headless" >&2; return 1; }
	echo "$cache/libs"
}

case ${1:-} in
libs) libs ;;
run)
	libs >/dev/null
	exec go run ./internal/services/kafkad "${2:-1}"
	;;
*)
	sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
