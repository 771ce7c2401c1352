#!/bin/sh
# roll-out.sh [--on HOST,HOST...] FILE.conf [CASES]: puts a file of rules into /etc/sockfix/rules.d,
# after `sockfix check` has found no error in it and `sockfix which --against CASES` (FILE.cases
# where there is one) none that answers otherwise, in the folder as it will be. What was there is
# kept beside it. Once more changes nothing: a roll-out that failed at one host may be begun again.
# roll-out.sh [--on HOST,HOST...] --back FILE.conf: what was there before FILE comes back. Where
# another file is in force, or it is back already, nothing is changed, and the status is 1. Where
# there is no FILE (--back /etc/sockfix/rules.d/FILE.conf) what is there and what was before change
# places, whatever they are. SOCKFIX is the command, RULES_D another folder, on all hosts.
set -eu
sockfix=${SOCKFIX:-sockfix}
folder=${RULES_D:-/etc/sockfix/rules.d}
host='' done='' there='' target='' temporary='' status=0

fail()
{
	echo "roll-out.sh: $*" >&2
	[ -z "$host" ] || echo "roll-out.sh: done: ${done:-none}; $host and those behind it: not" >&2
	exit 2
}
usage()
{
	echo "usage: roll-out.sh [--on HOST,HOST...] FILE.conf [CASES] | --back FILE.conf" >&2
	exit 2
}
tidy()
{
	[ -z "$target" ] || rm -f "$target.new" "$target.before.new"
	[ -z "$temporary" ] || rm -rf "$temporary"
	[ -z "$there" ] || ssh "$host" "rm -rf $there" || :
}
trap tidy EXIT
trap 'exit 2' HUP INT TERM

# For the shell of another host.
quoted()
{
	case $1 in *\'*) fail "$1: no quotes in SOCKFIX and RULES_D" ;; esac
	echo "'$1'"
}

# On each host by ssh, which must let us in as root; the first that fails ends it, so that one host
# is wrong and not all. Names of files without blanks.
on_host()
{
	words='' settings='' left=0
	there=$(ssh "$host" mktemp -d) || fail "$host: cannot get there"
	for word in "$0" "$@" "${1%.conf}.cases"; do
		[ ! -e "$word" ] || scp -q "$word" "$host:$there/" || fail "$host: cannot copy $word"
	done
	for word in "$@"; do
		words="$words $(echo "$word" | sed 's|.*/||')"
	done
	[ -z "${SOCKFIX:-}" ] || settings="SOCKFIX=$(quoted "$SOCKFIX")"
	[ -z "${RULES_D:-}" ] || settings="$settings RULES_D=$(quoted "$RULES_D")"
	echo "$host:"
	ssh "$host" "cd $there && $settings sh $(basename "$0")$words" || left=$?
	ssh "$host" "rm -rf $there" || :
	there=
	[ $left -le 1 ] || fail "$host: it failed there"
	[ $left = 0 ] || status=1
}
on_hosts()
{
	hosts=$(echo "$1" | tr , ' ')
	shift
	for host in $hosts; do
		on_host "$@"
		done="${done:+$done }$host"
	done
	[ -n "$host" ] || usage
	host=
}

# What is there and what was before change places; where one of them is nothing, too. There is one
# of them at any time.
swap()
{
	if [ ! -e "$target" ] && [ ! -e "$target.before" ]; then
		fail "neither $target nor $target.before is there"
	elif [ ! -e "$target.before" ]; then
		mv -T "$target" "$target.before"
	elif [ ! -e "$target" ]; then
		mv -T "$target.before" "$target"
	else
		cp -p "$target" "$target.before.new" &&
			mv -T "$target.before" "$target" &&
			mv -T "$target.before.new" "$target.before"
	fi || fail "$target cannot be changed"
}

# Goes back from FILE, where that is what is in force.
go_back()
{
	if [ -e "$file" ] && ! cmp -s "$file" "$target"; then
		if cmp -s "$file" "$target.before"; then
			echo "$target: as it was before $file already; nothing was changed"
		else
			echo "$target: that is not $file; nothing was changed"
		fi
		exit 1
	fi
	swap
	if [ -e "$target" ]; then
		echo "$target: as it was before; programs that start from now on have it"
	else
		echo "$target: gone, as before; it is kept as $target.before"
	fi
}

# Held against all that is in the folder, which may say otherwise later.
hold_cases()
{
	temporary=$(mktemp -d) || fail "no folder for copies: nothing was changed"
	[ ! -d "$folder" ] || cp -R "$folder/." "$temporary" || fail "$folder cannot be copied"
	cp "$file" "$temporary/$(basename "$file")" || fail "$file cannot be copied"
	"$sockfix" which -r "$temporary" --against "$cases" ||
		fail "$cases is not met: nothing was changed"
}

# The whole of it, checked where it will be, or nothing.
put()
{
	mkdir -p "$folder" || fail "$folder cannot be made"
	cp "$file" "$target.new" && chmod 644 "$target.new" ||
		fail "$target.new cannot be written: nothing was changed"
	"$sockfix" check "$target.new" || fail "$file has mistakes in $folder: nothing was changed"
	if [ -e "$target" ]; then
		cp -p "$target" "$target.before.new" && mv -T "$target.before.new" "$target.before"
	else
		rm -f "$target.before"
	fi || fail "$target.before cannot be written: nothing was changed"
	mv -T "$target.new" "$target" || fail "$target cannot be changed"
}

[ "${1:-}" != --on ] || {
	[ $# -ge 3 ] || usage
	list=$2
	shift 2
	[ "$1" != --back ] || [ $# -lt 2 ] || [ -e "$2" ] ||
		fail "$2 is not here: hosts go back from that file, and only those that have it"
	on_hosts "$list" "$@"
	exit $status
}
back=
[ "${1:-}" != --back ] || { back=yes; shift; }
[ $# -ge 1 ] && [ $# -le 2 ] || usage
file=$1
cases=${2:-${file%.conf}.cases}
case $file in *.conf) ;; *) fail "$file: only what ends in .conf is read there" ;; esac
target=$folder/$(basename "$file")

if [ -n "$back" ]; then
	go_back
	exit
fi
[ -r "$file" ] || fail "$file cannot be read: nothing was changed"
command -v "$sockfix" >/dev/null || fail "$sockfix is not there: nothing was changed"
"$sockfix" check "$file" || fail "$file has mistakes: nothing was changed"
if [ -e "$cases" ]; then
	hold_cases
elif [ $# = 2 ]; then
	fail "$cases is not there: nothing was changed"
fi
if cmp -s "$file" "$target"; then
	echo "$target: has it already"
	exit
fi
put
echo "$target: programs that start from now on have it; those that run: sockfix mend -p PID -r $target"
echo "back: roll-out.sh --back $file"
