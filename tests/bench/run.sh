#!/bin/sh
# Bare and sockfix side by side, in turns in one run; medians of RUNS (default 7). Prints, asserts
# nothing. BUILD is the folder of what was built.
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${BUILD:-build}" && pwd)
runs=${RUNS:-7}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
bare() { "$@"; }
nodelay() { "$build/sockfix" run -s tcp_nodelay=true -s coalesce=off -- "$@"; }
auto() { "$build/sockfix" run -- "$@"; }
always() { "$build/sockfix" run -s coalesce=always -- "$@"; }

echo "$(uname -srm), $(nproc) cores, clock $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource), $(sysctl -n net.ipv4.tcp_congestion_control)"
echo
echo "ns a call, medians of $runs"
printf '  %-18s %10s %10s %10s\n' "" bare sockfix added
i=0
while [ $i -lt "$runs" ]; do
	bare "$build/bench/calls" | sed 's/^/bare /' >>"$work/calls"
	auto "$build/bench/calls" | sed 's/^/auto /' >>"$work/calls"
	i=$((i + 1))
done
for name in $(awk '$1 == "bare" && !seen[$2]++ { print $2 }' "$work/calls"); do
	a=$(awk -v n="$name" '$1 == "bare" && $2 == n { print $3 }' "$work/calls" | median)
	b=$(awk -v n="$name" '$1 == "auto" && $2 == n { print $3 }' "$work/calls" | median)
	echo "$name $a $b" | awk '{ printf "  %-18s %10.1f %10.1f %+10.1f\n", $1, $2, $3, $3 - $2 }'
done

row() { # NAME ARGUMENTS OF turns
	name=$1
	shift
	rm -f "$work"/row.*
	i=0
	while [ $i -lt "$runs" ]; do
		for way in bare nodelay auto always; do
			$way "$build/bench/turns" "$@" >>"$work/row.$way"
		done
		i=$((i + 1))
	done
	base=$(awk '{ print $1 }' "$work/row.bare" | median)
	segments=$(awk '{ print $2 }' "$work/row.bare" | median)
	printf '  %-26s' "$name"
	for way in nodelay auto always; do
		awk '{ print $1 }' "$work/row.$way" | median >"$work/t"
		awk '{ print $2 }' "$work/row.$way" | median >"$work/s"
		awk -v b="$base" -v g="$segments" -v t="$(cat "$work/t")" -v s="$(cat "$work/s")" \
			'BEGIN { printf " %10.2fx %6.2fx", b / t, s / g }'
	done
	echo
}
echo
echo "speed against bare (more is better), then segments against bare (less is better)"
printf '  %-26s %19s %19s %19s\n' "" TCP_NODELAY auto always
row "2 writes, answer" 30 2 100
row "10 writes, answer" 30 10 50
row "100 writes, answer" 30 100 2
row "1 write, answer" 3000 1 100
row "one way, 1 byte" 1 200000 1 oneway
row "one way, 50 bytes" 1 200000 50 oneway
row "one way, 200 bytes" 1 200000 200 oneway
row "one way, 1400 bytes" 1 100000 1400 oneway
row "one way, 8192 bytes" 1 50000 8192 oneway

# What recording costs: processor time a call, beside the tools that people would take otherwise.
trace=$work/trace
recorded() { # FLAGS COMMAND...: a new directory each time, with a budget of 4 GB
	flags=$1
	shift
	rm -rf "$trace"
	mkdir -m 700 "$trace"
	{ printf 'SOCKFIXB\0\0\0\0\1\0\0\0' && head -c 24 /dev/zero; } >"$trace/budget"
	SOCKFIX_TRACE=$trace$flags LD_PRELOAD=$build/libsockfix.so "$@"
}
events() { recorded "" "$@"; }
counters() { recorded :counters "$@"; }
by_strace() { strace -f -c -o /dev/null "$@"; }
by_perf() { perf trace -s -o /dev/null "$@"; }
ways="bare events counters"
command -v strace >/dev/null && ways="$ways by_strace"
perf trace -s -o /dev/null true >/dev/null 2>&1 && ways="$ways by_perf"
echo
echo "ns of processor time that recording adds to a call, medians of $runs"
for threads in 1 2 16; do
	rm -f "$work"/record.*
	i=0
	while [ $i -lt "$runs" ]; do
		for way in $ways; do
			case $way in by_*) calls=4000 ;; *) calls=400000 ;; esac
			$way "$build/bench/record" $threads $((calls / threads)) >>"$work/record.$way"
		done
		i=$((i + 1))
	done
	base=$(median <"$work/record.bare")
	printf '  %2d threads: a call takes %s;' $threads "$base"
	for way in $ways; do
		[ $way = bare ] || median <"$work/record.$way" |
			awk -v b="$base" -v w="$way" '{ sub(/^by_/, "", w); printf "  %s %+.0f", w, $1 - b }'
	done
	echo
done
