#!/bin/sh
# run.sh TEST...: runs cmocka programs one after the other and adds up their totals. A program that
# ends without a total (a crash, a hang) counts as one failed test.
set -u
BUILD=$(cd "${BUILD:-build}" && pwd)
export BUILD
out=$(mktemp)
trap 'rm -f "$out"' EXIT
passed=0 failed=0 broken=
for test in "$@"; do
	name=$(basename "$test")
	echo "# $name"
	timeout -k 10 300 "$test" >"$out" 2>&1
	rc=$?
	ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s).*/\1/p' "$out" | tail -1)
	bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test(s), listed below.*/\1/p' "$out" | tail -1)
	if grep -q '^\[  SKIPPED ' "$out"; then
		bad=$((${bad:-0} + 1))
		echo "skipped tests count as failed: a hole must not hide"
	fi
	if [ -z "$ok" ] || { [ $rc != 0 ] && [ "${bad:-0}" = 0 ]; }; then
		bad=$((${bad:-0} + 1))
		echo "$name ended with status $rc and without a full result"
	fi
	if [ "${bad:-0}" != 0 ]; then
		grep -v '^\[ RUN      \]\|^\[       OK \]' "$out"
		broken="$broken $name"
	else
		tail -1 "$out"
	fi
	passed=$((passed + ${ok:-0}))
	failed=$((failed + ${bad:-0}))
done
[ -z "$broken" ] || echo "failed:$broken"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
