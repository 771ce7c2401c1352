#!/bin/bash
# run.sh TEST...: runs cmocka programs, adds up their totals and tells how long each took, slowest last:
# first those that wait most of their time (tests/waiting), three beside each other, then the others one
# after the other. A program that ends without a total (a crash, a hang) counts as one failed test,
# and so does what it leaves behind: a process, or a file in /tmp, /var/tmp or /dev/shm that is there
# still when all have run (another run's goes by itself). Tests that TESTS_WITHOUT leaves out
# (tests/helper/need.h) are counted, too.
set -u
BUILD=$(cd "${BUILD:-build}" && pwd)
export BUILD
TIMEFORMAT='%R %U %S'
here=$(mktemp -d "${TMPDIR:-/tmp}/sockfix-run.XXXXXX")
trap 'rm -r "$here"' EXIT
waiting=$(cd "$(dirname "$0")" && pwd)/waiting
passed=0 failed=0 without=0 count=0

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

# What it says is for people; what it counted is in the folder.
play() { # TEST FOLDER-OF-ITS-OWN
	local test=$1 here=$2 folder name run rc ok bad skipped left wall user system
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
	comm -13 "$here/before" <(files) | sed "s|^|$name |" >"$here/files"
	left=$(processes)
	[ -z "$left" ] || { sleep 1 && left=$(processes); } # one that is ending gets the time for it
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
		echo "$name" >"$here/broken"
	else
		grep '^\[  PASSED  \]' "$here/out" | tail -1
	fi
	read -r wall user system < <(tail -1 "$here/time")
	echo "$wall $user $system $name" >"$here/times"
	echo "${ok:-0} ${bad:-0} $skipped" >"$here/counts"
}
waits() { # TEST
	grep -qx "$(basename "$1")" "$waiting"
}

next() { # a folder for the next one
	count=$((count + 1))
	mkdir "$here/$count"
}

for test in "$@"; do
	waits "$test" || continue
	[ "$(jobs -pr | wc -l)" -lt 3 ] || wait -n
	next
	play "$test" "$here/$count" >"$here/$count/said" 2>&1 &
done
wait
for ((i = 1; i <= count; i++)); do
	cat "$here/$i/said"
done
for test in "$@"; do
	waits "$test" && continue
	next
	play "$test" "$here/$count"
done
while read -r ok bad skipped; do
	passed=$((passed + ok)) failed=$((failed + bad)) without=$((without + skipped))
done < <(cat "$here"/*/counts)
for ((i = 1; i <= count; i++)); do
	[ -s "$here/$i/counts" ] && continue
	failed=$((failed + 1))
	echo "a test program has left no result: $(cat "$here/$i/said" 2>/dev/null | head -n 1)"
done
while read -r name file; do
	[ -e "$file" ] || continue
	failed=$((failed + 1))
	echo "$name leaves behind: $file"
done < <(sort -u -k 2 "$here"/*/files)
echo "# seconds: of the clock, of the processors"
cat "$here"/*/times | sort -n | awk '{ printf "%7.1f %7.1f  %s\n", $1, $2 + $3, $4; wall += $1; cpu += $2 + $3 }
	END { printf "%7.1f %7.1f  %s\n", wall, cpu, "all" }'
broken=$(cat "$here"/*/broken 2>/dev/null | xargs)
[ -z "$broken" ] || echo "failed: $broken"
echo "$SECONDS s from the first to the last"
[ $without = 0 ] || echo "$without left out: TESTS_WITHOUT=${TESTS_WITHOUT-}"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
