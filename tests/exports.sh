#!/bin/sh
# What the library shows and asks for: the list = the version script = nm -D; no symbol above
# GLIBC_2.17; no call of ours to a name of the list; each name with several versions in this libc has
# one in its row; it loads under an older glibc and under musl, and what those lack is not to be found,
# or answers as calls.h says.
set -u
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
CC=${CC:-cc}
lib=$(cd "$BUILD" && pwd)/libsockfix.so
work=$(mktemp -d "${TMPDIR:-/tmp}/sockfix-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
bad=0
complain() {
	echo "$1"
	bad=1
}

printf '#define CALL(name, need, x86_64, aarch64, i386) ROW name x86_64 aarch64 i386\n#include "shim/calls.h"\n' |
	$CC -E -P -I. -x c - | sed -n 's/^ *ROW //p' >"$work/rows"
cut -d' ' -f1 "$work/rows" | sort >"$work/list"
sed -n 's/^  \([A-Za-z_0-9]*\);$/\1/p' "$BUILD/export.map" | sort >"$work/map"
nm -D --defined-only "$lib" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort >"$work/shown"
diff "$work/list" "$work/map" >&2 || complain "calls.h and the version script differ"
diff "$work/list" "$work/shown" >&2 || complain "calls.h and what the library exports differ"

objdump -T "$lib" | sed -n 's/.*\*UND\*.*(\(GLIBC_[0-9.]*\)) *\(.*\)/\1 \2/p' | while read -r version name; do
	newest=$(printf '%s\nGLIBC_2.17\n' "$version" | sort -V | tail -1)
	[ "$newest" = GLIBC_2.17 ] || echo "$name asks for $version"
done >"$work/new"
[ -s "$work/new" ] && cat "$work/new" && complain "undefined symbols above GLIBC_2.17"

# A hook that calls an exported name of ours may reach the program's function of that name, which may
# be made of the very hook that calls it: no relocation may name one of the list.
readelf -rW "$lib" | awk '$5 != "" { sub(/@.*/, "", $5); print $5 }' | sort -u >"$work/asked"
grep -qx clock_gettime "$work/asked" || complain "readelf shows no relocation by name: the check is blind"
own=$(comm -12 "$work/list" "$work/asked" | grep -vx __gmon_start__) # that call is gcc's, not ours
[ -z "$own" ] || complain "calls of ours that another library may catch: $own"

libc=$($CC -print-file-name=libc.so.6)
nm -D --defined-only "$libc" | awk '$2 ~ /[TWi]/ { split($3, v, /@@?/); print v[1] }' | sort | uniq -d >"$work/several"
case $($CC -dumpmachine) in
aarch64-*) column=3 ;;
i?86-*) column=4 ;;
*) column=2 ;;
esac
for name in $(comm -12 "$work/list" "$work/several"); do
	awk -v n="$name" -v c="$column" '$1 == n && $c == "0" { exit 1 }' "$work/rows" ||
		complain "$name has several versions in this libc and none in calls.h"
done

cat >"$work/try.c" <<'C'
#include <stdio.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
/* Connects to itself, and says whether TCP_NODELAY shows: it must not, and must be on. */
int main(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof(a), m = sizeof(int);
	int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0), on = -1, s;
	char b[4] = "";
	if (bind(l, (struct sockaddr *)&a, n) || listen(l, 1) || getsockname(l, (struct sockaddr *)&a, &n) ||
	    connect(c, (struct sockaddr *)&a, n))
		return 1;
	s = accept(l, NULL, NULL);
	for (int i = 0; i < 20; i++)
		if (write(c, "a", 1) != 1 || write(c, "b", 1) != 1 || read(s, b, 1) != 1 || read(s, b + 1, 1) != 1 ||
		    memcmp(b, "ab", 2) || write(s, "x", 1) != 1 || read(c, b, 1) != 1)
			return 2;
	getsockopt(c, IPPROTO_TCP, TCP_NODELAY, &on, &m);
	printf("works, nodelay shows as %d\n", on);
	return 0;
}
C

# Which names of the list dlsym() finds; a library that was bound before the constructor ran has
# found all of them, and calls those that this libc lacks.
names=$(awk '{ printf "\"%s\", ", $1 }' "$work/rows")
cat >"$work/weak.c" <<'C'
#include <errno.h>
#include <stdio.h>
#include <sys/types.h>
#pragma weak close_range
#pragma weak closefrom
#pragma weak _Fork
#pragma weak epoll_pwait2
#pragma weak pidfd_getfd
#pragma weak execveat
int close_range(unsigned, unsigned, int), epoll_pwait2(int, void *, int, void *, void *);
int pidfd_getfd(int, int, unsigned), execveat(int, const char *, char **, char **, int);
void closefrom(int);
pid_t _Fork(void);
#define TRY(name, ...) do if (name) { int got = (int)name(__VA_ARGS__); printf(" " #name " %d %d", got, errno); } while (0)
void weak(void)
{
	TRY(close_range, 1000, 1001, 0);
	TRY(epoll_pwait2, -1, 0, 1, 0, 0);
	TRY(pidfd_getfd, -1, 0, 0);
	TRY(execveat, -1, "", 0, 0, 0);
	pid_t child = _Fork ? _Fork() : 1;
	if (child > 0)
		return;
	printf(" _Fork %d %d", (int)child, errno);
	if (closefrom)
		closefrom(1000);
}
C
cat >"$work/names.c" <<C
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
void weak(void);
int main(int count, char **word)
{
	const char *const name[] = {$names};
	for (unsigned i = 0; count == 1 && i < sizeof(name) / sizeof(*name); i++)
		if (strcmp(name[i], "__gmon_start__") != 0 && !dlsym(RTLD_DEFAULT, name[i]))
			printf("%s ", name[i]);
	if (count > 1)
		weak();
	puts("");
	return 0;
}
C
check() { # NAME COMMAND...: must work the same with and without the library
	name=$1
	shift
	bare=$("$@" 2>&1) || complain "$name: the test itself fails: $bare"
	with=$(SOCKFIX_LOG="$work/log" SOCKFIX_RULES=1:default LD_PRELOAD="$lib" "$@" 2>&1) ||
		complain "$name: fails with the library: $with"
	[ "$bare" = "$with" ] || complain "$name: says '$with', bare '$bare'"
	echo "$name: $with"
}
answers() { # NAME EXPECTED COMMAND...: what missing names answer to who was bound before us
	name=$1 expected=$2
	shift 2
	with=$(SOCKFIX_RULES=1:default LD_PRELOAD="$lib" "$@" 2>&1)
	[ "$with" = "$expected" ] || complain "$name: missing names answer '$with', not '$expected'"
}
$CC -w -fPIC -shared -nostdlib -o "$work/weak.so" "$work/weak.c"
$CC -o "$work/glibc" "$work/try.c" && check "$(ldd --version | head -1)" "$work/glibc"

musl=$(command -v musl-gcc) || complain "musl-gcc is missing: run make deps"
[ -n "$musl" ] && musl-gcc -o "$work/musl" "$work/try.c" && check musl "$work/musl"
[ -n "$musl" ] && musl-gcc -w -fPIC -shared -o "$work/muslweak.so" "$work/weak.c" &&
	musl-gcc -w -o "$work/muslnames" "$work/names.c" "$work/muslweak.so" -Wl,-rpath,"$work" &&
	check "musl lacks" "$work/muslnames"

# Debian 11's glibc, unpacked in a folder.
old=$BUILD/glibc-2.31
if ! [ -e "$old/done" ]; then
	tests/old_glibc.sh "$old" || complain "no older glibc to test with"
fi
if [ -e "$old/done" ]; then
	loader=$(find "$old" -name 'ld-linux-*.so.*' | head -1)
	libs=$(dirname "$loader")
	# Against the old libc itself: our own would ask for symbols that it lacks.
	$CC -o "$work/old" -nostdlib "$($CC -print-file-name=crt1.o)" "$($CC -print-file-name=crti.o)" \
		"$work/try.c" "$libs/libc.so.6" "$($CC -print-file-name=crtn.o)"
	check "glibc 2.31" "$loader" --library-path "$libs" "$work/old"
	$CC -w -o "$work/oldnames" -nostdlib "$($CC -print-file-name=crt1.o)" "$($CC -print-file-name=crti.o)" \
		"$work/names.c" "$work/weak.so" -Wl,--no-as-needed "$libs/libc.so.6" "$libs/libdl.so.2" "$libs/libpthread.so.0" "$loader" \
		"$($CC -print-file-name=crtn.o)" -Wl,-rpath,"$work"
	check "glibc 2.31 lacks" "$loader" --library-path "$libs" "$work/oldnames"
	answers "glibc 2.31" " close_range -1 38 epoll_pwait2 -1 38 pidfd_getfd -1 38 execveat -1 38 _Fork -1 38" \
		"$loader" --library-path "$libs" "$work/oldnames" weak
	# That program does not load libpthread; the deadline's thread is made all the same.
	always='1:+always@role=any@:coalesce=2+=1'
	SOCKFIX_LOG=stderr:debug SOCKFIX_RULES="$always" LD_PRELOAD="$lib" strace -f -o "$work/calls" \
		"$loader" --library-path "$libs" "$work/old" >"$work/said" 2>&1 || complain "glibc 2.31, always: fails"
	grep -q 'clone' "$work/calls" || complain "glibc 2.31: no thread for the deadline: $(cat "$work/said")"
fi
[ $bad = 0 ] && echo "exports: $(wc -l <"$work/list") names, all as listed"
exit $bad
