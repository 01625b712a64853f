# Shared by the scripts beside it: where things are, what to say, what to
# install.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# step says what comes next.
step() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

# skip says in one visible line what is not tested here, or fails when nothing
# may be skipped.
skip() {
	if [[ -n ${PARLEY_TEST_REQUIRED:-} ]]; then
		echo "required, but $*" >&2
		exit 1
	fi
	echo "SKIPPED: $*"
}

have() { command -v "$1" >/dev/null 2>&1; }

# debian installs Debian packages when this is Debian and we are root.
debian() {
	have apt-get && [[ $(id -u) == 0 ]] || return 1
	[[ -n ${apt_updated:-} ]] || apt-get update -qq >/dev/null || return 1
	apt_updated=1
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# need makes a command available, by installing packages if it must and may.
need() {
	local command=$1
	shift
	have "$command" || debian "$@" || return 1
	have "$command"
}
