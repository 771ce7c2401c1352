#!/bin/sh
# run.sh MINUTES: fuzzes the reader of traces, the fold, the finders and the screens, from the seeds
# that seeds.c writes in today's format and what earlier runs kept in BUILD/fuzz/corpus; ends with
# libFuzzer's totals, not 0 where something was found.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "${BUILD:-build}/fuzz/corpus" "${BUILD:-build}/fuzz/seeds"
out=$(cd "${BUILD:-build}" && pwd)/fuzz
cflags="-std=gnu11 -g -O2 -D_GNU_SOURCE -I. -fno-omit-frame-pointer"
reader="tools/base/*.c tools/read/*.c tools/fold/*.c rules/regular.c rules/room.c rules/text/nearest.c
	rules/option.c"
shown="tools/live/*.c tools/find/*.c tools/both/*.c tools/show/*.c tools/launch/elf.c tools/launch/elsewhere.c rules/rule.c rules/command.c
	rules/wire.c rules/text/option_text.c rules/text/option_meant.c"
libs="-ljansson -lm"
case ${1:-} in
'' | *[!0-9]*)
	echo "usage: tests/fuzz/run.sh MINUTES" >&2
	exit 2
	;;
esac
${CC:-cc} $cflags -o "$out/write-seeds" tests/fuzz/seeds.c \
	tests/unit/helper/trace_text*.c tests/helper/must.c $reader $libs
"$out/write-seeds" "$out/seeds"
clang $cflags -DSOCKFIX_VERSION='"0"' -DSOCKFIX_PREFIX='"/usr"' -o "$out/trace" \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	tests/fuzz/fuzz_trace.c $reader $shown $libs
cd "$out"
# A small quarantine: what is freed here is seldom used again, and 2 GB of it cost half the speed.
export ASAN_OPTIONS=quarantine_size_mb=16:malloc_context_size=4:max_malloc_fill_size=0
exec ./trace -max_total_time=$(($1 * 60)) -max_len=24576 -timeout=10 -rss_limit_mb=2048 \
	-print_final_stats=1 corpus seeds
