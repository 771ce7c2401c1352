#!/bin/sh
# roll-out.sh [--on HOST,HOST...] FILE.conf [CASES]: puts a file of rules into /etc/sockfix/rules.d,
# after `sockfix check` has found no error in it and `sockfix which --against CASES` (FILE.cases
# where there is one) none that answers otherwise. What was there is kept beside it.
# roll-out.sh [--on HOST,HOST...] --back FILE.conf: what was there before comes back; once more
# undoes that. SOCKFIX is the command, RULES_D another folder.
set -eu
sockfix=${SOCKFIX:-sockfix}
folder=${RULES_D:-/etc/sockfix/rules.d}

fail()
{
	echo "roll-out.sh: $*" >&2
	exit 2
}
usage()
{
	echo "usage: roll-out.sh [--on HOST,HOST...] FILE.conf [CASES] | --back FILE.conf" >&2
	exit 2
}

# On each host by ssh, which must let us in as root; the first that fails ends it, so that one host
# is wrong and not all. Names of files without blanks.
on_host()
{
	host=$1 words=
	shift
	there=$(ssh "$host" mktemp -d) || fail "$host: cannot get there"
	for word in "$0" "$@" "${1%.conf}.cases"; do
		[ ! -e "$word" ] || scp -q "$word" "$host:$there/" || fail "$host: cannot copy $word"
	done
	for word in "$@"; do
		words="$words $(echo "$word" | sed 's|.*/||')"
	done
	echo "$host:"
	ssh "$host" "cd $there && sh $(basename "$0")$words; s=\$?; rm -rf $there; exit \$s" ||
		fail "$host: it failed there; hosts before it are done, those behind it are as they were"
}
on_hosts()
{
	hosts=$(echo "$1" | tr , ' ')
	shift
	for host in $hosts; do
		on_host "$host" "$@"
	done
}

# What is there and what was before change places; where one of them is nothing, too.
swap()
{
	[ -e "$target" ] || [ -e "$target.before" ] || fail "neither $target nor $target.before is there"
	[ ! -e "$target" ] || mv -T "$target" "$target.swap"
	[ ! -e "$target.before" ] || mv -T "$target.before" "$target"
	[ ! -e "$target.swap" ] || mv -T "$target.swap" "$target.before"
}

[ "${1:-}" != --on ] || {
	[ $# -ge 3 ] || usage
	list=$2
	shift 2
	on_hosts "$list" "$@"
	exit
}
back=
[ "${1:-}" != --back ] || { back=yes; shift; }
[ $# -ge 1 ] && [ $# -le 2 ] || usage
file=$1
cases=${2:-${file%.conf}.cases}
target=$folder/$(basename "$file")
case $file in *.conf) ;; *) fail "$file: only what ends in .conf is read there" ;; esac

if [ -n "$back" ]; then
	swap
	if [ -e "$target" ]; then
		echo "$target: as it was before; programs that start from now on have it"
	else
		echo "$target: gone, as before; it is kept as $target.before"
	fi
	exit
fi
"$sockfix" check "$file" || fail "$file has mistakes: nothing was changed"
if [ -e "$cases" ]; then
	"$sockfix" which -r "$file" --against "$cases" || fail "$cases is not met: nothing was changed"
elif [ $# = 2 ]; then
	fail "$cases is not there: nothing was changed"
fi
mkdir -p "$folder"
cp "$file" "$target.new"
chmod 644 "$target.new"
rm -f "$target.before"
[ ! -e "$target" ] || cp -p "$target" "$target.before"
mv -T "$target.new" "$target"
echo "$target: programs that start from now on have it; those that run: sockfix mend -p PID -r $target"
echo "back: roll-out.sh --back $(basename "$file")"
