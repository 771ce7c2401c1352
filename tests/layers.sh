#!/bin/sh
# Holds the layers of the code: every include goes down a level, none goes up or sideways, rules know
# nothing of the shim, tools link no shim object, and one file alone knows libconfig.
set -u
cd "$(dirname "$0")/.."
bad=0

# Levels of shim/: a file may include headers of lower levels, and its own.
level() {
	case $1 in
	calls | prototypes | env | export | fault | valgrind | clock | ticks | trace_format | object) echo 0 ;;
	kernel) echo 0.2 ;;
	maps | missing | poke) echo 0.5 ;;
	page | proc | log | turn | account | real | trace_ask) echo 1 ;;
	loaded) echo 1.5 ;;
	slot) echo 1.6 ;;
	regular) echo 1 ;;
	control | memory | pool | learners | address | subject | sockopt) echo 2 ;;
	trace_room | trace_guest) echo 2.5 ;;
	trace_clock | trace_pool) echo 2.6 ;;
	fdtab | decisions | buffer | trace_file) echo 3 ;;
	trace_event) echo 3.2 ;;
	trace_flow | trace_epoll) echo 3.3 ;;
	trace_early) echo 3.4 ;;
	trace_exec) echo 3.4 ;;
	trace) echo 3.5 ;;
	trace_around) echo 3.6 ;;
	trace_connection) echo 3.7 ;;
	wait_time) echo 3 ;;
	acks) echo 0 ;;
	repoint) echo 3.8 ;;
	shadow | thread | life) echo 4 ;;
	deadline | arm | loader) echo 4.5 ;;
	trace_io) echo 4.6 ;;
	trace_calls) echo 4.7 ;;
	trace_reads | trace_writes | trace_sockets | trace_waits | trace_names | trace_leaves | trace_raw) echo 4.9 ;;
	settle_apply) echo 4.95 ;;
	settle) echo 5 ;;
	flow_hold | flow_answer | flow_keep | flow_room) echo 5.8 ;;
	flow) echo 6 ;;
	*) echo "" ;;
	esac
}
of_file() {
	case $1 in
	shim/hook_*) echo 7 ;;
	shim/record/allocate.c | shim/record/guest.c | shim/record/room.c) echo 2.6 ;;
	shim/settle/program.c | shim/settle/apply.c | shim/settle/nodelay.c) echo 5.5 ;;
	shim/flow/life.c | shim/flow/buffer.c | shim/flow/hold.c | shim/flow/wait.c | shim/flow/answer.c | shim/flow/keep.c | shim/flow/room.c) echo 6.5 ;;
	shim/life.c | shim/flow/deadline.c) echo 6.5 ;; # they drive flows; their headers stay low
	*) level "$(basename "$1" | sed 's/\.[ch]$//')" ;;
	esac
}
complain() {
	echo "$1"
	bad=1
}
includes() {
	sed -n 's/^#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$1"
}
for f in shim/*.c shim/*.h; do
	mine=$(of_file "$f")
	[ -n "$mine" ] || complain "$f: no level in tests/layers.sh"
	for i in $(includes "$f"); do
		case $i in
		rules/rule.h | rules/option.h | rules/wire.h) continue ;;
		*/*) complain "$f: includes $i" ;;
		esac
		own=${f%.c}.h
		[ "shim/$i" = "$own" ] && continue
		theirs=$(level "${i%.h}")
		awk "BEGIN { exit !(${theirs:-99} < $mine) }" || complain "$f (level $mine) includes $i (level ${theirs:-unknown})"
	done
done
# turn.c answers from counts and times alone.
grep -nE '#include <(sys|time|unistd|errno)' shim/pure/turn.c && complain "shim/pure/turn.c: must stay pure"
# What is collected goes by the tick: no write reads the time.
grep -nE 'clock\.h|clock_(now|gettime)|rdtsc' shim/pure/buffer.[ch] shim/flow/buffer.c shim/flow/room.[ch] && \
	complain "shim/pure/buffer.c, shim/flow/buffer.c, shim/flow/room.c: must not read a clock"
# Only these make system calls or set options by themselves.
for f in rules/*.[ch]; do
	for i in $(includes "$f"); do
		case $i in
		shim/* | tools/*) complain "$f: includes $i" ;;
		esac
	done
	case $f in
	rules/load.c) ;;
	*) grep -n '<libconfig' "$f" && complain "$f: only rules/load.c may know libconfig" ;;
	esac
done
for f in $(find tools -name '*.[ch]'); do
	for i in $(includes "$f"); do
		case $i in
		shim/env.h | shim/trace_format.h) ;;
		shim/*) complain "$f: includes $i" ;;
		esac
	done
	grep -n '<libconfig' "$f" && complain "$f: only rules/load.c may know libconfig"
done
# The three that live in the victim know nothing but libc.
for f in rules/option.c rules/rule.c rules/wire.c; do
	grep -nE '\b(malloc|calloc|realloc|free|fopen|open|getenv)\(' "$f" && complain "$f: lives in the victim"
done
[ $bad = 0 ] && echo "layers: every include goes down"
exit $bad
