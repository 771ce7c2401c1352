#!/bin/sh
# run.sh [--runs N] [--mails N] [--report]: imports mails into a small IMAP server three times, as it
# is, with TCP_NODELAY alone and under sockfix's default rule, and prints what came out; then once
# more as it is, looked at and mended while it runs. With --runs the three take turns and the medians
# are printed. --report: what sockfix says of the import as it is. BUILD is the folder of imapd and
# sockfix.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
runs=1
mails=300
report=
while [ $# -gt 0 ]; do
	case $1 in
	--runs) runs=${2:?--runs wants a number}; shift 2 ;;
	--mails) mails=${2:?--mails wants a number}; shift 2 ;;
	--report) report=yes; shift ;;
	*) echo "usage: run.sh [--runs N] [--mails N] [--report]" >&2; exit 1 ;;
	esac
done
for program in "$build/imapd" "$build/sockfix"; do
	[ -x "$program" ] || { echo "run.sh: $program is missing: run make demo" >&2; exit 1; }
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE

# The server takes a free port and says which; the read waits until it has. It ends when descriptor
# 3 is closed, and so when this script ends, whatever ends it.
mkfifo "$folder/port" "$folder/life"
"$build/imapd" -e <"$folder/life" >"$folder/port" &
exec 3>"$folder/life"
read -r port <"$folder/port"

say()
{
	[ ! -t 2 ] || printf '\r%-40s\r' "$1" >&2
}
import()
{
	label=$1
	shift
	say "  $label ..."
	printf '%s ' "$label" >>"$folder/results"
	"$@" >>"$folder/results" 3>&- || { echo "run.sh: the import '$label' failed" >&2; exit 1; }
	say ""
}
next()
{
	printf '  %-60s %s\n' "$build/sockfix $1" "$2"
}
# An import that would take minutes, and is begun without sockfix.
while_it_runs()
{
	python3 examples/imap/import.py 127.0.0.1 "$port" --count $((mails * 100)) \
		>"$folder/running" 3>&- &
	import=$!
	trap 'kill $import 2>/dev/null || :; rm -rf "$folder"' EXIT
	sleep 1
	"$build/sockfix" look -p $import -t 2 3>&-
	printf '\n$ %s\n' "$build/sockfix mend -p $import --once"
	"$build/sockfix" mend -p $import --once -o "$folder/undo" 3>&- || {
		kill $import
		return 0
	}
	wait $import || { echo "run.sh: the import that was mended failed" >&2; exit 1; }
	trap 'rm -rf "$folder"' EXIT
	printf '\n'
	awk -v bare="$1" '{
		for (i = 1; i <= NF; i++) {
			split($i, pair, "=")
			value[pair[1]] = pair[2]
		}
		printf "It ended after %.1f s; bare, at %.0f mails a second, it takes %.0f s.\n",
			value["seconds"], bare, value["mails"] / bare
	}' "$folder/running"
}

client="python3 examples/imap/import.py 127.0.0.1 $port --count $mails"
if [ -n "$report" ]; then
	"$build/sockfix" record -q -o "$folder/run" -- $client >/dev/null 3>&-
	"$build/sockfix" report "$folder/run"
	exit
fi

echo "Importing $mails mails of 200-1,200 bytes: Python's imaplib to a plain IMAP server"
[ "$runs" = 1 ] || echo "(medians of $runs runs, in turns)"
turn=0
while [ "$turn" -lt "$runs" ]; do
	import bare $client
	import TCP_NODELAY $client --nodelay
	import sockfix "$build/sockfix" run -- $client
	turn=$((turn + 1))
done
echo
awk -f examples/imap/table.awk "$folder/results"
cat <<END

imaplib writes a mail, then its CRLF, then waits. The kernel keeps the CRLF back until the mail is
acknowledged, and the server takes 40 ms to do so. TCP_NODELAY sends it as a packet of its own;
sockfix sends both as one. The program was not changed.

And one that runs already? $((mails * 100)) mails, begun without sockfix:

$ $build/sockfix look -p PID -t 2
END
while_it_runs "$(sed -n 's/^bare .*rate=\([0-9.]*\).*/\1/p' "$folder/results" | head -n 1)"
cat <<END

What to try next
END
next "look -p PID" "what a program of yours is stalled by, while it runs"
next "run -- COMMAND" "the same for a program of yours"
next "which --program python3 --peer 10.0.0.1:143" "what is set for a connection, and why"
next "list presets" "rules that are ready to use"
next "explain imap-upload" "one of them; or an option: tcp_nodelay"
next "check FILE" "your own rules: every mistake, its place"
printf '  %-60s %s\n' examples/imap/cyrus.sh "the same against a real Cyrus IMAP"
