#!/bin/sh
# run_capture.sh MINUTES: fuzzes what reads captures (tools/packets), libpcap's own reader with it, as
# run.sh does the reader of recordings: from the seeds that seeds_capture.c writes and what earlier
# runs kept in BUILD/fuzz/capture-corpus; ends with libFuzzer's totals, not 0 where something was
# found. Needs libpcap-dev.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "${BUILD:-build}/fuzz/capture-corpus" "${BUILD:-build}/fuzz/capture-seeds"
out=$(cd "${BUILD:-build}" && pwd)/fuzz
cflags="-std=gnu11 -g -O2 -D_GNU_SOURCE -DSOCKFIX_LIBPCAP -I. -fno-omit-frame-pointer"
# devices.c is for static commands: here libpcap is loaded
reader=$(echo tools/packets/*.c tools/base/*.c rules/room.c rules/regular.c rules/option.c rules/text/nearest.c |
	sed 's,tools/packets/devices.c,,')
case ${1:-} in
'' | *[!0-9]*)
	echo "usage: tests/fuzz/run_capture.sh MINUTES" >&2
	exit 2
	;;
esac
# shellcheck disable=SC2086 # words
{
	${CC:-cc} $cflags -o "$out/write-capture-seeds" tests/fuzz/seeds_capture.c \
		tests/unit/helper/packets_text.c tests/helper/must.c
	"$out/write-capture-seeds" "$out/capture-seeds"
	clang $cflags -o "$out/capture" -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		tests/fuzz/fuzz_capture.c $reader -lpcap
}
cd "$out"
export ASAN_OPTIONS=quarantine_size_mb=16:malloc_context_size=4:max_malloc_fill_size=0
exec ./capture -max_total_time=$(($1 * 60)) -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
	-print_final_stats=1 capture-corpus capture-seeds
