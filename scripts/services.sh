#!/usr/bin/env bash
# Starts the services that Parley can work with, for whoever develops it: `make
# services`. Each has a directory and a port of its own, so that several runs
# can stand side by side. The addresses are printed as lines for an environment;
# `eval` them, or copy what you need:
#
#   PARLEY_DB=mysql://…
#   PARLEY_REDIS=redis://…
#
# They run until Ctrl-C, are then stopped in reverse order, and their data is
# removed. Tests start services of their own (internal/services).
set -euo pipefail
source "$(dirname "$0")/lib.sh"

dir=$(mktemp -d "${TMPDIR:-/tmp}/parley-services.XXXXXX")
chmod 755 "$dir"
children=() # pids, in the order of their start

stop() {
	trap - EXIT
	trap '' INT TERM # a second Ctrl-C shall not leave one of them running
	for ((i = ${#children[@]} - 1; i >= 0; i--)); do
		kill "${children[i]}" 2>/dev/null || true
		wait "${children[i]}" 2>/dev/null || true
	done
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 0' INT TERM

# free_port is a port below those that the system gives to clients.
free_port() {
	local port
	while :; do
		port=$((10000 + RANDOM % 20000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# await runs a command until it succeeds, for at most a minute, as long as a
# child lives.
await() {
	local child=$1 log=$2
	shift 2
	for ((i = 0; i < 600; i++)); do
		"$@" >/dev/null 2>&1 && return
		kill -0 "$child" 2>/dev/null || break
		sleep 0.1
	done
	echo "$1 has no success; the end of $log:" >&2
	tail -20 "$log" >&2
	exit 1
}

start_mariadb() {
	local home=$dir/mariadb port user=()
	need mariadbd mariadb-server || { skip "MariaDB: no mariadbd (install mariadb-server)"; return; }
	port=$(free_port)
	mkdir "$home"
	if [[ $(id -u) == 0 ]]; then
		user=(--user=mysql)
		chown mysql "$home"
	fi
	TMPDIR=$home mariadb-install-db --no-defaults "${user[@]}" --datadir="$home/data" --auth-root-authentication-method=normal --skip-test-db >"$home/install.log" 2>&1 ||
		{ cat "$home/install.log" >&2; exit 1; }
	# In a group of its own: Ctrl-C is for this script, which stops in order.
	TMPDIR=$home setsid mariadbd --no-defaults "${user[@]}" --datadir="$home/data" --socket="$home/socket" --pid-file="$home/pid" \
		--bind-address=127.0.0.1 --port="$port" --skip-name-resolve >"$home/log" 2>&1 &
	children+=($!)
	await $! "$home/log" mariadb --no-defaults --socket="$home/socket" --user=root -e 'DO 1'
	# What docs/database.md tells operators to do.
	mariadb --no-defaults --socket="$home/socket" --user=root -e "
		CREATE DATABASE parley CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
		CREATE USER 'parley'@'%' IDENTIFIED BY 'parley';
		GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON parley.* TO 'parley'@'%';"
	echo "PARLEY_DB=mysql://parley:parley@127.0.0.1:$port/parley"
}

start_redis() {
	local home=$dir/redis port
	need redis-server redis-server || { skip "Redis: no redis-server (install redis-server)"; return; }
	port=$(free_port)
	mkdir "$home"
	setsid redis-server --bind 127.0.0.1 --port "$port" --dir "$home" --save '' --appendonly no >"$home/log" 2>&1 &
	children+=($!)
	await $! "$home/log" redis-cli -e -p "$port" ping
	echo "PARLEY_REDIS=redis://127.0.0.1:$port"
}

start_mariadb
start_redis
echo "They run until Ctrl-C; their data is in $dir." >&2
while :; do sleep 3600 & wait $!; done
