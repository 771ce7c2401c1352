#!/bin/bash
# Builds of the tree of `make dist`: the same bytes from two folders; without a warning with each
# compiler that is here, at -O3, with -flto, and as dpkg-buildflags wants it; what each makes works. A
# compiler that is not here is named.
set -u
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
export -n BUILD
VERSION=$(sed -n 's/^VERSION := //p' Makefile)
work=$(mktemp -d "${TMPDIR:-/tmp}/sockfix-builds.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES WERROR CC CFLAGS CPPFLAGS LDFLAGS
. tests/packaging/said.sh
# unpack FOLDER: the tree there.
unpack() {
	mkdir -p "$work/$1" && tar -xzf "$BUILD/sockfix-$VERSION.tar.gz" -C "$work/$1" --strip-components=1
}
# build FOLDER NAME [VARIABLE...]: what it makes runs, and the library shows what it should.
build() {
	local folder=$work/$1 name=$2
	shift 2
	if ! make -C "$folder" -j"$(nproc)" WERROR=1 "$@" all >"$work/log" 2>&1; then
		bad "$name: does not build"
		grep -iE 'error|warning' "$work/log" | head -n 5
	elif grep -i warning "$work/log"; then
		bad "$name: the lines above"
	elif [ "$("$folder/build/sockfix" run -- /bin/echo ran 2>&1)" != ran ]; then
		bad "$name: its command does not work"
	elif ! (cd "$folder" && BUILD=build tests/exports.sh) >"$work/log" 2>&1; then
		bad "$name: its library does not"
		grep -v ' works' "$work/log" | tail -n 5
	else
		ok "$name"
	fi
}

make dist >/dev/null || exit 1
unpack one
unpack another/and/deeper
build one 'in one folder'
build another/and/deeper 'in another' BUILD="$work/another/and/deeper/build"
for f in sockfix libsockfix.so; do
	if cmp "$work/one/build/$f" "$work/another/and/deeper/build/$f"; then
		ok "the same bytes: $f"
	else
		bad "other bytes: $f"
	fi
done
make -C "$work/one" dist >/dev/null
if cmp "$work/one/build/sockfix-$VERSION.tar.gz" "$BUILD/sockfix-$VERSION.tar.gz"; then
	ok 'the same bytes: the tree of make dist, made without git'
else
	bad 'the tree of make dist made from itself'
fi
rm -rf "$work/another"

# What hardens: the command is at no fixed address, its stack is guarded; both are bound and read-only
# before they run. The library calls nothing by the checked names that it intercepts.
if command -v dpkg-buildflags >/dev/null; then
	export DEB_BUILD_MAINT_OPTIONS=hardening=+all
	build one 'as dpkg-buildflags wants it' "CFLAGS=$(dpkg-buildflags --get CFLAGS)" \
		"CPPFLAGS=$(dpkg-buildflags --get CPPFLAGS)" "LDFLAGS=$(dpkg-buildflags --get LDFLAGS)"
	for f in sockfix libsockfix.so; do
		readelf -hldW "$work/one/build/$f" >"$work/elf"
		grep -q 'Type: *DYN' "$work/elf" && grep -q GNU_RELRO "$work/elf" &&
			grep -q 'FLAGS.*NOW' "$work/elf" && ok "hardened: $f" || bad "not hardened: $f"
	done
	nm "$work/one/build/sockfix" | grep -q __stack_chk_fail && ok 'the stack of the command is guarded' ||
		bad 'no guard of the stack in the command'
	nm -D --undefined-only "$work/one/build/libsockfix.so" | grep -E '_chk(@|$)|__stack_chk' &&
		bad 'the library asks for these' || ok 'the library asks for no checked name'
	unset DEB_BUILD_MAINT_OPTIONS
else
	absent dpkg-buildflags
fi

for cc in ${COMPILERS:-gcc-10 gcc gcc-13 clang-14 clang-16}; do
	if ! command -v "$cc" >/dev/null; then
		absent "$cc"
		continue
	fi
	flto=-flto
	case $cc in gcc*) flto=-flto=auto ;; esac
	build one "$cc -O3" CC="$cc" CFLAGS=-O3
	if echo 'int main(void) { return 0; }' | "$cc" -flto -x c -o "$work/try" - 2>/dev/null; then
		build one "$cc $flto" CC="$cc" CFLAGS="$flto"
	else
		absent "$cc -flto"
	fi
done
total
