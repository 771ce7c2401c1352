#!/bin/bash
# run.sh: each system of the table below: a root of it (root.sh), the tree built there with its own gcc
# and clang without a warning, unit tests, tests of the command, the demo; then what the first one
# built, run on the others, and that of 32 bits on itself. One table at the end; what each cell said is in $BUILD/systems/NAME.CELL.
# SYSTEM='debian-11 debian-12': these alone. TESTS_WITHOUT= as everywhere (tests/helper/need.h).
set -u
cd "$(dirname "$0")/../.."
here=tests/systems
BUILD=$(cd "${BUILD:-build}" && pwd)
folder=$BUILD/systems
mkdir -p "$folder"
# name, suite, architecture; the oldest first: what it builds must run on all others.
systems="debian-11:bullseye:amd64 debian-12:bookworm:amd64 ubuntu-22.04:jammy:amd64 ubuntu-24.04:noble:amd64
	debian-13:trixie:amd64 debian-12-i386:bookworm:i386"
cells="gcc clang unit cli demo foreign"
packages=$(sed -n 's/^systems="\(.*\)"$/\1/p' tests/deps.sh)
. "$here/table.sh"

# What is tracked, and what is new and not ignored; what was built there stays.
copy_tree() {
	mkdir -p "$1/src"
	git ls-files -co --exclude-standard | tar -c -T - | tar -x -C "$1/src"
}
inside() { # NAME CELL LINE: 0, or the cell is FAILED
	"$here/enter.sh" "$folder/$1" sh -c "cd /src && $3" >"$folder/$1.$2" 2>&1
}
build() { # NAME CELL CC
	if inside "$1" "$2" "make -j$(nproc) WERROR=1 CC=$3 BUILD=build/$3"; then
		set_cell "$1" "$2" "$("$here/enter.sh" "$folder/$1" "$3" -dumpfullversion -dumpversion)"
	else
		set_cell "$1" "$2" "FAILED: $(grep -m 1 -E 'error:|warning:' "$folder/$1.$2")"
	fi
}
tests() { # NAME CELL TARGET
	inside "$1" "$2" "make -j$(nproc) WERROR=1 CC=gcc BUILD=build/gcc TESTS_WITHOUT='${TESTS_WITHOUT:-}' $3"
	set_count "$1" "$2" "not built: $(grep -m 1 -E 'error|Error' "$folder/$1.$2")" <"$folder/$1.$2"
}
demo() { # NAME
	if inside "$1" demo "make CC=gcc WERROR=1 BUILD=build/gcc demo"; then
		set_cell "$1" demo ran
	else
		set_cell "$1" demo "FAILED: $(tail -n 1 "$folder/$1.demo")"
	fi
}
# The command and the library as they left that system: started, recorded, reported, mended.
foreign() { # NAME OF
	install -d "$folder/$1/foreign"
	install "$folder/$2/src/build/gcc/sockfix" "$folder/$2/src/build/gcc/libsockfix.so" \
		"$folder/$1/foreign"
	if inside "$1" foreign "sh -eu $here/foreign.sh /foreign/sockfix"; then
		set_cell "$1" foreign "of $2: $(tail -n 1 "$folder/$1.foreign")"
	else
		set_cell "$1" foreign "FAILED: $(tail -n 1 "$folder/$1.foreign")"
	fi
}
one() { # NAME SUITE ARCH
	local from
	if ! "$here/root.sh" "$folder/$1" "$2" "$3" $packages 2>"$folder/$1.why"; then
		lacks "$1" "$(tail -n 1 "$folder/$1.why")"
		return
	fi
	copy_tree "$folder/$1"
	build "$1" gcc gcc
	build "$1" clang clang
	tests "$1" unit test-unit
	tests "$1" cli test-cli
	demo "$1"
	[ -n "$first" ] || [ "$3" != amd64 ] || first=$1
	[ "$3" = amd64 ] && from=$first || from=$1
	if [ -e "$folder/$from/src/build/gcc/sockfix" ]; then
		foreign "$1" "$from"
	else
		cell[$1.foreign]="no binary"
	fi
}

first=''
for system in $systems; do
	name=${system%%:*}
	[ -z "${SYSTEM:-}" ] || [[ " $SYSTEM " = *" $name "* ]] || continue
	one "$name" $(echo "${system#*:}" | tr : ' ')
	ran="$ran $name"
done
table
exit $bad
