#!/bin/sh
# Installs the Socket.IO clients that clients_test.go runs against the server,
# in the versions that are pinned here, outside the repository:
#
#	socketio/clients/install.sh [node] [python] [java]
#
# Without arguments all three. Each is installed again only when its pins change.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/parley/socketio-clients

# fresh NAME FILE...: is what is installed what the files ask for?
fresh() {
	name=$1
	shift
	cat "$@" >"$cache/$name.wanted"
	cmp -s "$cache/$name.wanted" "$cache/$name.installed"
}

# done_with NAME: remember what was installed.
done_with() {
	mv "$cache/$1.wanted" "$cache/$1.installed"
}

install_node() {
	cd "$here/node"
	fresh node package.json package-lock.json && return
	rm -rf "$cache/node"
	mkdir -p "$cache/node"
	cp package.json package-lock.json "$cache/node/"
	(cd "$cache/node" && npm ci --no-audit --no-fund --ignore-scripts --silent)
	done_with node
}

install_python() {
	cd "$here/python"
	fresh python requirements.txt && return
	rm -rf "$cache/python"
	python3 -m venv "$cache/python"
	"$cache/python/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt
	done_with python
}

install_java() {
	cd "$here/java"
	fresh java pom.xml Client.java && return
	rm -rf "$cache/java"
	mkdir -p "$cache/java/classes"
	mvn --quiet --batch-mode --file pom.xml dependency:copy-dependencies -DoutputDirectory="$cache/java/lib"
	javac -d "$cache/java/classes" -cp "$cache/java/lib/*" Client.java
	done_with java
}

mkdir -p "$cache"
# Several test programs may want the clients at the same time.
if command -v flock >/dev/null; then
	exec 9>"$cache/lock"
	flock 9
fi
[ $# -gt 0 ] || set -- node python java
for client; do
	case $client in
	node | python | java) "install_$client" ;;
	*)
		echo "unknown client $client" >&2
		exit 2
		;;
	esac
done
