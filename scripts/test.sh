#!/usr/bin/env bash
# Runs everything that can run on this machine: `make test`. What it needs and
# may install (Debian packages when root, npm and PyPI packages) it installs;
# what is missing otherwise costs one SKIPPED line. With PARLEY_TEST_REQUIRED
# set, nothing may be skipped.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

step "tools"
need gcc gcc libc6-dev || skip "the race detector: no C compiler (install gcc)"
need curl curl || skip "the examples by curl: no curl (install curl)"
node_ok=
if need node nodejs npm && have npm && scripts/web.sh install; then node_ok=1; else skip "the web client and the JavaScript clients: no node (install Node.js 20 or newer)"; fi
python_ok=
if need python3 python3 python3-venv; then python_ok=1; else skip "the Python client: no python3"; fi
java_ok=
if need javac openjdk-17-jdk-headless && need mvn maven; then java_ok=1; else skip "the Java client: no JDK or Maven (install openjdk-17-jdk and maven)"; fi
chromium_ok=
if need chromium chromium; then chromium_ok=1; else skip "the browser tests: no chromium"; fi
mariadb_ok=
if need mariadbd mariadb-server; then mariadb_ok=1; else skip "the tests on MariaDB: no mariadbd (install mariadb-server)"; fi
need redis-server redis-server || skip "the tests on Redis: no redis-server (install redis-server)"
need caddy caddy || skip "Caddy in front of Parley: no caddy (install caddy)"
need nginx nginx-light || skip "nginx in front of Parley: no nginx (install nginx-light)"
need promtool prometheus || skip "the syntax of alerts and board: no promtool (install prometheus)"
scripts/kafka.sh libs >/dev/null || skip "the tests on Kafka: no Java or Maven (install openjdk-17-jre-headless and maven)"
need kcat kcat || skip "reading Kafka's topic from outside: no kcat (install kcat)"
for client in ${node_ok:+node} ${python_ok:+python} ${java_ok:+java}; do
	socketio/clients/install.sh "$client" || skip "the $client Socket.IO client could not be installed"
done
if [[ -n $node_ok ]]; then
	scripts/documents.sh || skip "what judges the documents could not be installed"
fi
if [[ -n ${PARLEY_TEST_REQUIRED:-} ]]; then
	export PARLEY_TEST_CLIENTS=required
fi

scripts/check.sh

step "go test"
race=
have gcc && race=-race
go test $race -timeout 25m ./...
go test -run TestResumeOfVeryLongAbsence ./history # with the race detector it is a tenth as long
go test $race -tags failpoints ./internal/failpoint
if [[ -n $mariadb_ok ]]; then
	step "go test, with the store on MariaDB"
	PARLEY_TEST_DB=mariadb go test -timeout 25m ./history ./rooms ./auth
fi
(cd bench/frames && go vet ./...)
step "what Parley is installed with"
(cd deploy && go vet ./... && go test ./...)

if [[ -n $python_ok ]]; then
	scripts/schemathesis.sh
fi
if [[ -n $node_ok ]]; then
	scripts/client.sh test
	scripts/web.sh test
	if [[ -n $chromium_ok ]]; then
		scripts/web.sh e2e
		step "web client: its bench, at a small size"
		PARLEY_BIN=$root/bin/parley scripts/web-bench.sh smoke
	fi
fi
step "all passed"
