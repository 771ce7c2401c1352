#!/bin/bash
# run.sh TEST...: runs cmocka programs one after the other, adds up their totals and tells how long each
# took, slowest last. A program that ends without a total (a crash, a hang) counts as one failed test,
# and so does what it leaves behind: a process, or a file in /tmp, /var/tmp or /dev/shm that is there
# still when all have run (another run's goes by itself). Tests that TESTS_WITHOUT leaves out
# (tests/helper/need.h) are counted, too.
set -u
BUILD=$(cd "${BUILD:-build}" && pwd)
export BUILD
TIMEFORMAT='%R %U %S'
here=$(mktemp -d "${TMPDIR:-/tmp}/sockfix-run.XXXXXX")
trap 'rm -r "$here"' EXIT
passed=0 failed=0 without=0 broken=

# All files of ours have "sockfix" in their names; other people's are none of our business.
files() {
	find /tmp /var/tmp /dev/shm -maxdepth 1 -name '*sockfix*' | sort
}
# Whom the program started, and who is there still.
processes() {
	grep -lszxF "TESTS_RUN=$run" /proc/[0-9]*/environ | sed 's/[^0-9]//g' | while read -r pid; do
		[ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -c1)" = Z ] ||
			echo "process $pid: $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
	done
}
number() {
	sed -n "s/$1/\1/p" "$here/out" | tail -1
}

for test in "$@"; do
	folder=$(cd "$(dirname "$test")/.." && pwd) # BUILD, or one below it with other victims
	name=${folder#"$BUILD"}/$(basename "$test")
	name=${name#/}
	run=$$-$name
	echo "# $name"
	files >"$here/before"
	{ time BUILD=$folder TESTS_RUN=$run timeout -k 10 300 "$test" >"$here/out" 2>&1; } 2>"$here/time"
	rc=$?
	ok=$(number '^\[  PASSED  \] \([0-9]*\) test(s).*')
	bad=$(number '^\[  FAILED  \] \([0-9]*\) test(s), listed below.*')
	skipped=$(grep -c '^\[  SKIPPED ' "$here/out")
	[ "$skipped" = 0 ] || skipped=$((skipped > 1 ? skipped / 2 : 1)) # each is listed twice
	if [ -z "$ok" ] || { [ $rc != 0 ] && [ "${bad:-0}" = 0 ]; }; then
		bad=$((${bad:-0} + 1))
		echo "$name ended with status $rc and without a full result"
	fi
	comm -13 "$here/before" <(files) | sed "s|^|$name |" >>"$here/files"
	left=$(processes)
	if [ -n "$left" ]; then
		bad=$((${bad:-0} + 1))
		echo "$name leaves behind: $left"
	fi
	if [ "$skipped" != 0 ] && [ -z "${TESTS_WITHOUT:-}" ]; then
		bad=$((${bad:-0} + 1))
		echo "skipped tests count as failed: a hole must not hide"
	fi
	if [ "${bad:-0}" != 0 ]; then
		grep -v '^\[ RUN      \]\|^\[       OK \]' "$here/out"
		broken="$broken $name"
	else
		grep '^\[  PASSED  \]' "$here/out" | tail -1
	fi
	read -r wall user system < <(tail -1 "$here/time")
	echo "$wall $user $system $name" >>"$here/times"
	passed=$((passed + ${ok:-0}))
	failed=$((failed + ${bad:-0}))
	without=$((without + skipped))
done
while read -r name file; do
	[ -e "$file" ] || continue
	failed=$((failed + 1))
	echo "$name leaves behind: $file"
done < <(sort -u -k 2 "$here/files")
echo "# seconds: of the clock, of the processors"
sort -n "$here/times" | awk '{ printf "%7.1f %7.1f  %s\n", $1, $2 + $3, $4; wall += $1; cpu += $2 + $3 }
	END { printf "%7.1f %7.1f  %s\n", wall, cpu, "all" }'
[ -z "$broken" ] || echo "failed:$broken"
[ $without = 0 ] || echo "$without left out: TESTS_WITHOUT=${TESTS_WITHOUT-}"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
