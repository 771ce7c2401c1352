#!/bin/sh
# run.sh MINUTES [TARGET]: fuzzes, for so long each,
#   trace    the reader of traces, the fold, the finders and the screens
#   strace   the reader of strace logs
#   capture  what reads captures, and libpcap's own reader with it (needs libpcap-dev)
# from seeds (of traces and captures those that seeds*.c write) and what earlier runs kept in
# BUILD/fuzz/corpus-TARGET; ends with libFuzzer's totals, not 0 where something was found. A file is
# played once by BUILD/fuzz/TARGET FILE.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "${BUILD:-build}/fuzz"
out=$(cd "${BUILD:-build}" && pwd)/fuzz
here=$(pwd)
cflags="-std=gnu11 -g -O2 -D_GNU_SOURCE -I. -fno-omit-frame-pointer"
reader="tools/base/*.c tools/read/*.c tools/fold/*.c rules/regular.c rules/room.c rules/text/nearest.c
	rules/option.c"
shown="tools/live/*.c tools/find/*.c tools/both/*.c tools/show/*.c tools/launch/elf.c tools/launch/elf_part.c tools/launch/elsewhere.c rules/rule.c rules/command.c
	rules/wire.c rules/text/option_text.c rules/text/option_meant.c"
libs="-ljansson -lm"
# devices.c is for static commands: here libpcap is loaded
packets=$(echo tools/packets/*.c | sed 's,tools/packets/devices.c,,')
imports="tools/import/strace*.c tools/import/map.c tools/import/input.c"
case ${1:-} in
'' | *[!0-9]*)
	echo "usage: tests/fuzz/run.sh MINUTES [trace|strace|capture]" >&2
	exit 2
	;;
esac
# A small quarantine: what is freed here is seldom used again, and 2 GB of it cost half the speed.
export ASAN_OPTIONS=quarantine_size_mb=16:malloc_context_size=4:max_malloc_fill_size=0

# build TARGET SOURCE...
build()
{
	target=$1
	shift
	mkdir -p "$out/corpus-$target" "$out/seeds-$target"
	# shellcheck disable=SC2086 # words
	clang $cflags -DSOCKFIX_VERSION='"0"' -DSOCKFIX_PREFIX='"/usr"' \
		-DSOCKFIX_LIBDIR='"/usr/lib"' -o "$out/$target" \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		"tests/fuzz/fuzz_$target.c" "$@" $libs
}

# fuzz TARGET MINUTES OPTION...
fuzz()
{
	target=$1 minutes=$2
	shift 2
	(cd "$out" && exec "./$target" -max_total_time=$((minutes * 60)) -timeout=10 \
		-rss_limit_mb=2048 -print_final_stats=1 "$@" "corpus-$target" "seeds-$target")
}

fuzz_trace()
{
	# shellcheck disable=SC2086 # words
	build trace $reader $shown
	# shellcheck disable=SC2086 # words
	${CC:-cc} $cflags -o "$out/write-seeds" tests/fuzz/seeds.c \
		tests/unit/helper/trace_text*.c tests/helper/must.c $reader $libs
	"$out/write-seeds" "$out/seeds-trace"
	fuzz trace "$1" -max_len=24576
}

fuzz_strace()
{
	# shellcheck disable=SC2086 # words
	build strace $imports $reader
	cp tests/fuzz/logs/* "$out/seeds-strace/"
	fuzz strace "$1" -max_len=16384 "-dict=$here/tests/fuzz/strace.dict"
}

fuzz_capture()
{
	# shellcheck disable=SC2086 # words
	build capture -DSOCKFIX_LIBPCAP $packets $reader -lpcap
	# shellcheck disable=SC2086 # words
	${CC:-cc} $cflags -o "$out/write-capture-seeds" tests/fuzz/seeds_capture.c \
		tests/unit/helper/packets_text.c tests/helper/must.c
	"$out/write-capture-seeds" "$out/seeds-capture"
	fuzz capture "$1" -max_len=4096
}

# Beside each other: what each says follows when it has ended.
started= failed=0
for target in ${2:-trace strace capture}; do
	(fuzz_"$target" "$1") >"$out/said-$target" 2>&1 &
	started="$started $!:$target"
done
for one in $started; do
	wait "${one%%:*}" || failed=1
	echo "== ${one#*:}" && cat "$out/said-${one#*:}"
done
exit $failed
