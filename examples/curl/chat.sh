#!/bin/sh
# A conversation with nothing but curl: signs in, makes a room, says something
# once however often it is sent, corrects it, and reads.
#
#     PARLEY_URL=http://127.0.0.1:3000 ./chat.sh "Good morning"
set -eu

url=${PARLEY_URL:-http://127.0.0.1:3000}
email=${PARLEY_EMAIL:-curl@example.org}
password=${PARLEY_PASSWORD:-beep boop beep}
room_name=${PARLEY_ROOM:-from the shell}
text=${1:-Good morning}

# member NAME: the value of the first member of this name. A real program reads
# JSON.
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }

# call METHOD PATH [CURL'S OPTIONS]: one call, tried again when the server cannot
# be reached or asks for a moment. Because of the Idempotency-Key what it asks
# for is done once.
call() {
	method=$1 path=$2
	shift 2
	curl -sS --fail-with-body --retry 8 --retry-connrefused -X "$method" "$url/api/v1$path" \
		-H 'Content-Type: application/json' -H "Authorization: Bearer ${token:-}" "$@"
}

account="{\"email\":\"$email\",\"password\":\"$password\"}"
token=$(call POST /register -d "$account" 2>/dev/null | member token) || true
[ -n "$token" ] || token=$(call POST /login -d "$account" | member token)

# The same key is the same room, also for the next run.
room=$(call POST /rooms -H 'Idempotency-Key: room-of-the-shell' -d "{\"name\":\"$room_name\"}" | sed 's/.*"id":\([0-9]*\),"name".*/\1/')

key=message-$(date +%s)-$$
said=$(call POST "/rooms/$room/messages" -H "Idempotency-Key: $key" -d "{\"messageText\":\"$text\"}")
again=$(call POST "/rooms/$room/messages" -H "Idempotency-Key: $key" -d "{\"messageText\":\"$text\",\"retry\":true}")
seq=$(echo "$said" | member seq)
[ "$seq" = "$(echo "$again" | member seq)" ] || { echo "it was said twice: $said $again" >&2; exit 1; }

edited=$(call PATCH "/rooms/$room/messages/$seq" -H "Idempotency-Key: $key-edit" -d "{\"messageText\":\"$text!\"}")

# With atLeast the page contains what was just done, whichever server answers.
call GET "/rooms/$room/messages?limit=1&atLeast=$(echo "$edited" | member cursor)" | member messageText
