# What tests/packaging/*.sh say, and how they end. To be sourced.
passed=0 failed=0 without=0
ok() {
	passed=$((passed + 1))
	echo "ok       $1"
}
# bad WHAT [OUTPUT]
bad() {
	failed=$((failed + 1))
	echo "FAILED   $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | head -n 20 | sed 's/^/         | /'
}
# What this machine has not.
absent() {
	without=$((without + 1))
	echo "not here $1"
}
# holds WHAT TEXT PATTERN: TEXT has it.
holds() {
	if printf '%s\n' "$2" | grep -qE -e "$3"; then ok "$1"; else bad "$1: no '$3' in" "$2"; fi
}
# same WHAT IS SHOULD
same() {
	if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: '$2', not '$3'"; fi
}
total() {
	echo "$passed passed, $failed failed, $without not here"
	[ $failed = 0 ]
}
