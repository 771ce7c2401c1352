#!/bin/sh
# run.sh [--full | --report]: a server with listen(1) and 1, 4 and 16 clients that make a connection
# for each transaction; the server as it is, written by hand with listen(1024), and under the preset
# burst-server. --full: 20,000 transactions a client, as reported, in place of 3,000. --report: what
# sockfix says of four clients of the server as it is. BUILD is the folder of sockfix.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
count=3000
report=
case ${1:-} in
'') ;;
--full) count=20000 ;;
--report) report=yes ;;
*) echo "usage: run.sh [--full | --report]" >&2; exit 1 ;;
esac
[ -x "$build/sockfix" ] || { echo "run.sh: $build/sockfix is missing: run make" >&2; exit 1; }

# All happens in a network and a process namespace of its own: the counters are then of this run
# alone, and every process of it ends with unshare.
if [ -z "${SPIKES_FOLDER:-}" ]; then
	tests/deps.sh packages python3 iproute2
	folder=$(mktemp -d)
	inside=
	# shellcheck disable=SC2317 # called by the trap
	finish()
	{
		[ -z "$inside" ] || kill -KILL "$inside"
		rm -rf "$folder"
	}
	trap finish EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	trap 'exit 141' PIPE
	[ "$(id -u)" = 0 ] && user='' || user=--map-root-user
	# shellcheck disable=SC2086 # nothing or one word
	SPIKES_FOLDER=$folder unshare $user --net --pid --fork --kill-child --mount-proc \
		examples/spikes/run.sh "$@" &
	inside=$!
	status=0
	wait "$inside" || status=$?
	inside=
	exit "$status"
fi
folder=$SPIKES_FOLDER
ip link set lo up

overflows()
{
	awk '$1 == "TcpExt:" && !at { for (i = 2; i <= NF; i++) if ($i == "ListenOverflows") at = i; next }
		$1 == "TcpExt:" { print $at }' /proc/net/netstat
}
# start BACKLOG COMMAND...: a server, started by the command. It says its port when it listens, and
# ends when descriptor 3 is closed.
start()
{
	backlog=$1
	shift
	mkfifo "$folder/port" "$folder/life"
	"$@" /usr/bin/python3 examples/spikes/server.py "$backlog" <"$folder/life" >"$folder/port" &
	exec 3>"$folder/life"
	read -r port <"$folder/port"
	rm "$folder/port" "$folder/life"
}
# row NAME CLIENTS BACKLOG [sockfix ...]: a server of its own, and its clients.
row()
{
	name=$1
	clients=$2
	shift 2
	[ ! -t 2 ] || printf '\r  %s, %d ...\033[K\r' "$name" "$clients" >&2
	start "$@"
	before=$(overflows)
	times=$(/usr/bin/python3 examples/spikes/client.py "$port" "$clients" "$count" 3>&-)
	lost=$(($(overflows) - before))
	# shellcheck disable=SC2059,SC2086 # the form of all rows; seven words
	printf "$form" "$name" "$clients" $times "$lost"
	exec 3>&-
	wait
}
if [ -n "$report" ]; then
	start 1 env
	"$build/sockfix" record -q -o "$folder/run" -- \
		/usr/bin/python3 examples/spikes/client.py "$port" 4 "$count" >/dev/null 3>&-
	"$build/sockfix" report "$folder/run"
	exec 3>&-
	wait
	exit
fi
form='  %-13s %7s %7s %7s %7s %9s %8s %8s %8s %10s\n'
echo "$count transactions a client, each on a connection of its own; times in ms"
echo
# shellcheck disable=SC2059 # as above
printf "$form" "" clients p50 p99 p99.9 max ">100 ms" ">900 ms" seconds overflows
for clients in 1 4 16; do
	row bare "$clients" 1 env
	row "listen(1024)" "$clients" 1024 env
	row burst-server "$clients" 1 "$build/sockfix" run -P burst-server --
done
