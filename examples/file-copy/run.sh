#!/bin/sh
# run.sh [--full | --report]: a file sent over loopback by the 8 KB loop as it is, under sockfix's
# default rule, with its sends collected (buffer.conf), and by socket.sendfile; to readers of 8 KB
# and 256 KB, in turns. 256 MB and 5 runs; --full: 1 GB and 10. --report: what sockfix says of the
# loop. BUILD is the folder of sockfix.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
megabytes=256
runs=5
report=
case ${1:-} in
'') ;;
--full) megabytes=1024 runs=10 ;;
--report) report=yes ;;
*) echo "usage: run.sh [--full | --report]" >&2; exit 1 ;;
esac
[ -x "$build/sockfix" ] || { echo "run.sh: $build/sockfix is missing: run make" >&2; exit 1; }
tests/deps.sh packages gcc libc6-dev python3

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE

"${CC:-cc}" -O2 -Wall -Wextra -D_GNU_SOURCE -o "$folder/reader" examples/file-copy/reader.c
# Random bytes, so that no page of the file is a hole; read once, so that all are in the page cache.
head -c "${megabytes}M" /dev/urandom >"$folder/file"
cat "$folder/file" >/dev/null

# The two sides on a core each, where there are two: left to the scheduler, one run is a third
# faster than the next.
one=
other=
if taskset -c 0 true 2>/dev/null && taskset -c 1 true 2>/dev/null; then
	one='taskset -c 0'
	other='taskset -c 1'
fi
# A reader says its port when it listens, and ends when descriptor 3 is closed.
start()
{
	mkfifo "$folder/port" "$folder/life"
	$one "$folder/reader" "$1" <"$folder/life" >"$folder/port" &
	exec 3>"$folder/life"
	read -r port <"$folder/port"
	rm "$folder/port" "$folder/life"
}
stop()
{
	exec 3>&-
	wait
}
# send READER NAME HOW [sockfix ...]
send()
{
	label="$1 $2"
	how=$3
	shift 3
	[ ! -t 2 ] || printf '\r  %s ...\033[K\r' "$label" >&2
	printf '%s ' "$label" >>"$folder/results"
	$other "$@" /usr/bin/python3 examples/file-copy/send.py "$how" "$folder/file" "$port" \
		>>"$folder/results" 3>&-
}
if [ -n "$report" ]; then
	start 262144
	"$build/sockfix" record -q -o "$folder/run" -- \
		/usr/bin/python3 examples/file-copy/send.py loop "$folder/file" "$port" >/dev/null 3>&-
	"$build/sockfix" report "$folder/run"
	stop
	exit
fi
rules=examples/file-copy/buffer.conf
buffer=yes
"$build/sockfix" check "$rules" >/dev/null 2>&1 || buffer=
echo "$megabytes MB from the page cache over loopback, seconds of $runs runs in turns"
echo
for reader in 8192 262144; do
	start "$reader"
	name=$((reader / 1024))K
	turn=0
	while [ "$turn" -lt "$runs" ]; do
		send "$name" loop loop
		send "$name" default loop "$build/sockfix" run --
		[ -z "$buffer" ] || send "$name" buffer loop "$build/sockfix" run -r "$rules" --
		send "$name" sendfile sendfile
		turn=$((turn + 1))
	done
	stop
done
awk -f examples/file-copy/table.awk "$folder/results"
[ -n "$buffer" ] || echo "
no row 'buffer': this sockfix does not know coalesce = \"buffer\""
