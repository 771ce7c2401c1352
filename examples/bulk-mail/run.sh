#!/bin/sh
# run.sh [--full | --report]: a mail to all members of a list, a personal copy each, to Postfix's
# smtp-sink: at once, and through a relay that adds 20 ms each way; bare and under bulk-mail.conf,
# in turns. --full: twenty times as many members, 7 runs. --report: what sockfix says of the sender,
# at once and behind the relay. BUILD is the folder of sockfix.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
times=1
runs=5
report=
case ${1:-} in
'') ;;
--full) times=20 runs=7 ;;
--report) report=yes ;;
*) echo "usage: run.sh [--full | --report]" >&2; exit 1 ;;
esac
[ -x "$build/sockfix" ] || { echo "run.sh: $build/sockfix is missing: run make" >&2; exit 1; }
# Of Postfix only smtp-sink is used; its daemon is not started.
tests/deps.sh packages postfix python3
python=/usr/bin/python3

folder=$(mktemp -d)
sink=
finish()
{
	[ -z "$sink" ] || kill "$sink" 2>/dev/null || :
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE

# The two sides on a core each, where there are two: left to the scheduler, one run is a third
# faster than the next.
one=
other=
if taskset -c 0 true 2>/dev/null && taskset -c 1 true 2>/dev/null; then
	one='taskset -c 0'
	other='taskset -c 1'
fi
# smtp-sink wants a port, and to be told who to be when root starts it.
direct=$("$python" -c 'import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
user=
[ "$(id -u)" != 0 ] || user='-u nobody'
# shellcheck disable=SC2086 # words or nothing
$one /usr/sbin/smtp-sink $user "127.0.0.1:$direct" 100 &
sink=$!
"$python" - "$direct" <<END
import socket, sys, time
for _ in range(200):
    try:
        sys.exit(socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close())
    except ConnectionRefusedError:
        time.sleep(0.05)
sys.exit("run.sh: smtp-sink does not answer")
END
# The relay says its port when it listens, and ends when descriptor 3 is closed.
mkfifo "$folder/port" "$folder/life"
"$python" examples/bulk-mail/relay.py "$direct" 20 <"$folder/life" >"$folder/port" &
exec 3>"$folder/life"
read -r far <"$folder/port"

arm()
{
	label=$1
	shift
	[ ! -t 2 ] || printf '\r  %s ...\033[K\r' "$label" >&2
	printf '%s ' "$label" >>"$folder/results"
	$other "$@" >>"$folder/results" 3>&-
}
# mails PORT KIND KILOBYTES RCPTS MEMBERS REPORTED
mails()
{
	sender="$python examples/bulk-mail/send.py $1 $2 $3 $4 $5"
	mail="$2 $3 $4 $5 $6"
	turn=0
	while [ "$turn" -lt "$runs" ]; do
		# shellcheck disable=SC2086 # words
			arm "$mail bare" $sender
		# shellcheck disable=SC2086 # words
		arm "$mail sockfix" "$build/sockfix" run -r examples/bulk-mail/bulk-mail.conf -- $sender
		turn=$((turn + 1))
	done
}
if [ -n "$report" ]; then
	for port in "$direct" "$far"; do
		members=400
		[ "$port" = "$direct" ] || members=40
		"$build/sockfix" record -q -o "$folder/$port" -- \
			"$python" examples/bulk-mail/send.py "$port" text 220 500 "$members" >/dev/null 3>&-
		"$build/sockfix" report "$folder/$port"
	done
	exit
fi
echo "Mails an hour to smtp-sink (medians of $runs runs in turns)"
echo
for rcpts in 500 5; do
	[ "$rcpts" = 500 ] && reported=80k/h,50k/h,20k/h,4.5k/h,10k/h || reported=-,50k/h,-,-,10k/h
	IFS=, read -r r10 r50 r220 r1000 rparts <<-END
		$reported
	END
	mails "$direct" text 10 "$rcpts" $((200 * times)) "$r10"
	mails "$direct" text 50 "$rcpts" $((100 * times)) "$r50"
	mails "$direct" text 220 "$rcpts" $((50 * times)) "$r220"
	mails "$direct" text 1000 "$rcpts" $((12 * times)) "$r1000"
	mails "$direct" multipart 220 "$rcpts" $((50 * times)) "$rparts"
done
awk -f examples/bulk-mail/table.awk "$folder/results"
rm "$folder/results"
echo
echo "The same through a relay that adds 20 ms each way"
echo
runs=1
for rcpts in 500 5; do
	mails "$far" text 10 "$rcpts" $((10 * times)) -
	mails "$far" multipart 220 "$rcpts" $((10 * times)) -
done
awk -f examples/bulk-mail/table.awk "$folder/results"
