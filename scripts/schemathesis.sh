#!/usr/bin/env bash
# Lets schemathesis call everything that docs/openapi.json describes on a server
# of its own: `make schemathesis`. It sends what the document allows and what it
# does not, always the same, and fails when an answer is not one that the
# document names, when a call that needs a token is done without, or when the
# server could not do something. Takes about a quarter of a minute; EXAMPLES
# (default 10) for each call, more look deeper.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/parley/schemathesis
work=$(mktemp -d)
server=
finish() {
	if [[ -n $server ]]; then
		kill "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap finish EXIT

install() {
	cmp -s scripts/schemathesis.txt "$cache/installed" && return
	rm -rf "$cache"
	mkdir -p "$(dirname "$cache")"
	python3 -m venv "$cache"
	"$cache/bin/pip" install --quiet --disable-pip-version-check --requirement scripts/schemathesis.txt
	cp scripts/schemathesis.txt "$cache/installed"
}

# start runs a server and sets url and token: those of its owner, whose room 1
# is there to be asked about.
start() {
	CGO_ENABLED=0 go build -o "$work/parley" ./cmd/parley
	PARLEY_DATA="$work/data" "$work/parley" serve --listen 127.0.0.1:0 --log-format json >"$work/out" 2>"$work/log" &
	server=$!
	for _ in $(seq 600); do
		link=$(sed -n 's/^\(http.*\)\/setup#token=\(.*\)$/\1 \2/p' "$work/out")
		[[ -n $link ]] && break
		kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
		sleep 0.1
	done
	url=${link% *}
	token=$(ask setup "{\"token\":\"${link#* }\",\"email\":\"owner@example.org\",\"password\":\"correct horse battery\"}" | sed 's/.*"token":"\([^"]*\)".*/\1/')
	ask rooms '{"name":"Quay"}' >/dev/null
}

ask() { # CALL BODY
	python3 - "$url/api/v1/$1" "$2" "${token:-}" <<-'END'
		import sys, urllib.request
		url, body, token = sys.argv[1:]
		headers = {"Content-Type": "application/json"}
		if token:
		    headers["Authorization"] = "Bearer " + token
		print(urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers), timeout=60).read().decode())
	END
}

step "schemathesis"
install
start
# A call that ends the own session would leave nothing to do for those behind it.
cd "$work" # it keeps notes where it runs
"$cache/bin/schemathesis" run "$url/api/v1/openapi.json" --header "Authorization: Bearer $token" \
	--phases examples,coverage,fuzzing --seed 1 --generation-deterministic --max-examples "${EXAMPLES:-10}" --continue-on-failure \
	--checks status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance,ignored_auth \
	--exclude-operation-id deleteMe --exclude-operation-id endSessions --exclude-operation-id endOtherSessions --exclude-operation-id logout \
	--request-timeout 60 --warnings off --no-color | tail -n 40
if grep '"level":"ERROR"' "$work/log" >&2; then
	echo "the server could not do something" >&2
	exit 1
fi
