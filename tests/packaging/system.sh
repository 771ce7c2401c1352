#!/bin/bash
# system.sh BUILD WORK VERSION NEXT: the packages of packages.sh in a Debian of their own: installed,
# upgraded under a running service, with a full disk, beside a second version, removed, purged. To be
# run in namespaces of its own; what it starts ends with them.
set -u
build=$1 work=$2 version=$3 next=$4
. tests/packaging/said.sh
root=$work/root
library=usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")/sockfix/libsockfix.so
mount --make-rprivate /
ip link set lo up

inside() {
	chroot "$root" /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@" 2>&1
}
# fresh [SIZE]: the system as debootstrap left it; in memory where its size counts.
fresh() {
	[ -z "${service:-}" ] || kill "$service" 2>/dev/null
	umount "$root/proc" 2>/dev/null
	umount "$root" 2>/dev/null
	rm -rf "$root"
	mkdir "$root"
	[ -z "${1:-}" ] || mount -t tmpfs -o "size=$1" tmpfs "$root"
	cp -a "$build/debian/." "$root/"
	mount -t proc proc "$root/proc"
	mkdir "$root/debs"
	cp "$work"/old/{lib,}sockfix_*.deb tests/packaging/service.pl "$root/debs/"
	cp "$work"/new/{lib,}sockfix_*.deb "$root/debs/"
}
install_old() {
	inside sh -c "dpkg -i /debs/*sockfix_$version-*.deb"
}
install_new() {
	inside sh -c "dpkg -i /debs/*sockfix_$next-*.deb"
}
# All that is there, but what dpkg keeps of its own work.
everything() {
	(cd "$root" && find . -xdev ! -path './proc*' ! -path './var/lib/dpkg*' ! -path './var/log/*' ! -path './debs*' \
		-printf '%y %m %p\n' | sort; ls var/lib/dpkg/info | grep sockfix)
}
# start COMMAND...: the service behind it; its number in $service.
start() {
	rm -f "$root/orders"
	mkfifo "$root/orders"
	: >"$root/answers"
	{ inside "$@" perl /debs/service.pl <>"$root/orders" >>"$root/answers"; } 2>/dev/null &
	disown
	wait_for 1
	service=$(sed -n 's/^ready //p' "$root/answers")
}
# wait_for N: the N-th answer. It takes its time on a busy machine.
wait_for() {
	for _ in $(seq 600); do
		[ "$(wc -l <"$root/answers")" -lt "$1" ] || return 0
		sleep 0.1
	done
	bad "the service gives no answer $1" "$(cat "$root/answers")"
}
# order WORD: prints its answer.
order() {
	local lines
	lines=$(wc -l <"$root/answers")
	echo "$1" >"$root/orders"
	wait_for $((lines + 1))
	tail -n 1 "$root/answers"
}

echo "# installed"
fresh
everything >"$work/before"
out=$(install_old) && ok 'dpkg -i of both' || bad 'dpkg -i' "$out"
same 'the version' "$(inside sockfix --version)" "sockfix $version"
holds 'the library that is its own' "$(inside sockfix run -n -- true)" "/$library"
same 'its folder of rules' "$(inside find /etc/sockfix -type d | xargs)" '/etc/sockfix /etc/sockfix/rules.d'
map='print grep { /libsockfix/ } do { open(M, "/proc/self/maps"); <M> }'
holds 'a program that it starts' "$(inside sockfix run -- perl -e "$map")" "/$library"
holds '/usr/$LIB names it, too' "$(inside env 'LD_PRELOAD=/usr/$LIB/sockfix/libsockfix.so' perl -e "$map")" "/$library"
start sockfix run --
order turn >/dev/null
same 'a turn' "$(order turn)" 'turned ab'
holds 'it is on' "$(inside sockfix status "$service")" '^state +on:'

install -D "$root/usr/bin/sockfix" "$root/opt/moved/bin/sockfix"
install -D "$root/$library" "$root/opt/moved/${library#usr/}"
holds 'moved elsewhere, the library beside it' "$(inside /opt/moved/bin/sockfix run -n -- true)" "/opt/moved/${library#usr/}"
rm -r "$root/opt/moved"

echo "# upgraded under it"
was=$(stat -c %i "$root/$library")
out=$(install_new) && ok 'dpkg -i of the next version' || bad 'dpkg -i' "$out"
same 'the new command' "$(inside sockfix --version)" "sockfix $next"
[ "$(stat -c %i "$root/$library")" != "$was" ] && ok 'another file was put in place' || bad 'the file was written over'
same 'the service goes on' "$(order turn)" 'turned ab'
out=$(inside sockfix status "$service")
holds 'on as before' "$out" '^state +on:'
holds 'with the library that it began with' "$out" "^version +$version; this command is of $next"
holds 'which is no longer there' "$out" '^library .*\(deleted\)'
holds 'and in the list' "$(inside sockfix status)" "^This command is of version $next"
holds 'its children have the new one' "$(order child)" " $(stat -c %i "$root/$library") +/$library\$"

echo "# removed"
mkdir -p "$root/etc/systemd/system/api.service.d" "$root/etc/cron.d"
printf '[Service]\nEnvironment=LD_PRELOAD=/%s\n' "$library" >"$root/etc/systemd/system/api.service.d/sockfix.conf"
printf '# sockfix run -- not this\n0 3 * * * root sockfix run -- backup\n' >"$root/etc/cron.d/backup"
echo "/$library" >"$root/etc/ld.so.preload"
out=$(inside dpkg -r sockfix libsockfix) && ok 'dpkg -r of both' || bad 'dpkg -r' "$out"
holds 'it says which unit names the library' "$out" 'api.service.d/sockfix.conf.*libsockfix.so'
holds 'and ld.so.preload' "$out" "/etc/ld.so.preload.*$library"
holds 'and who starts the command' "$out" '/etc/cron.d/backup.*sockfix run -- backup'
[ "$(printf '%s\n' "$out" | grep -c 'not this')" = 0 ] && ok 'and no comment' || bad 'a comment is named' "$out"
rm -r "$root/etc/ld.so.preload" "$root/etc/cron.d/backup" "$root/etc/systemd/system/api.service.d"
same 'the service goes on' "$(order turn)" 'turned ab'
kill "$service"

echo "# purged"
rm -f "$root/orders" "$root/answers"
out=$(install_old) || bad 'dpkg -i again' "$out"
echo 'all: { match: { role = "any"; }; set: { tcp_nodelay = true; }; };' >"$root/etc/sockfix/rules.d/50-site.conf"
inside dpkg -r sockfix libsockfix >/dev/null
[ -e "$root/etc/sockfix/rules.d/50-site.conf" ] && ok 'a removal keeps rules of this host' || bad 'a removal takes rules'
out=$(inside dpkg -P sockfix libsockfix) && ok 'dpkg -P of both' || bad 'dpkg -P' "$out"
everything >"$work/after"
same 'nothing is left' "$(diff "$work/before" "$work/after")" ''

# What of the two is in place may be of either version; it works or says why it does not.
echo "# a full disk in the middle of an upgrade"
fresh 900m
install_old >/dev/null
cp "$root/$library" "$work/library.old"
dpkg-deb --fsys-tarfile "$work"/new/libsockfix_*.deb | tar -xO "./$library" >"$work/library.new"
for room in 100 300 600 1200 2000 3000 4500; do
	install_old >/dev/null
	size=$(($(df --output=used -k "$root" | tail -n 1) + room))
	mount -o "remount,size=${size}k" "$root"
	out=$(install_new)
	status=$?
	if [ $status != 0 ]; then
		full=$((${full:-0} + 1))
		holds "$room kB: dpkg says what is missing" "$out" 'No space left on device'
	fi
	holds "$room kB: a command is there" "$(inside sockfix --version)" "^sockfix ($version|$next)\$"
	cmp -s "$root/$library" "$work/library.old" || cmp -s "$root/$library" "$work/library.new" &&
		ok "$room kB: a whole library" || bad "$room kB: a library that is neither"
	holds "$room kB: a program is started with it" "$(inside sockfix run -- perl -e "$map")" "/$library"
	mount -o remount,size=900m "$root"
	out=$(install_new) && ok "$room kB: with room it ends well" || bad "$room kB: again, with room" "$out"
	same "$room kB: and is the next" "$(inside sockfix --version)" "sockfix $next"
done
[ "${full:-0}" -ge 2 ] && ok "$full times the disk was full" || bad "the disk was full ${full:-0} times: nothing was tried"

echo "# both word sizes"
fresh
install_old >/dev/null
cp "$work"/narrow/{i686,gcc,*.deb} "$root/debs/"
cp "$build"/debian-i386/*.deb "$root/debs/"
same 'one alone: named by its path' "$(inside sockfix run -n -- /debs/gcc | head -n 1)" "LD_PRELOAD=/$library"
out=$(inside sh -c 'dpkg --add-architecture i386 && dpkg -i /debs/*_i386.deb') &&
	ok 'libsockfix:i386 beside libsockfix:amd64' || bad 'libsockfix:i386' "$out"
same 'both by one word' "$(inside sockfix run -n -- /debs/gcc | head -n 1)" 'LD_PRELOAD=/usr/$LIB/sockfix/libsockfix.so'
same 'a shell starts both, and no loader complains' "$(inside sockfix run -- sh -c '/debs/i686; /debs/gcc')" \
	"32 /usr/lib/i386-linux-gnu/sockfix/libsockfix.so
64 /$library"
same 'a program of 32 bits alone' "$(inside sockfix run -- /debs/i686)" \
	'32 /usr/lib/i386-linux-gnu/sockfix/libsockfix.so'
out=$(inside dpkg -r libsockfix:i386) && ok 'removed' || bad 'dpkg -r libsockfix:i386' "$out"
same 'one is left' "$(inside sockfix run -- /debs/gcc)" "64 /$library"

echo "# two versions, /usr/local and /usr"
fresh
install_new >/dev/null
everything >"$work/before"
make -s BUILD="$build" DESTDIR="$root" install install-debug >"$work/log" 2>&1 || bad 'make install' "$(cat "$work/log")"
same 'the first in PATH' "$(inside sockfix --version)" "sockfix $version"
holds 'has the library that came with it' "$(inside sockfix run -n -- true)" '/usr/local/lib/sockfix/libsockfix.so'
holds 'and the other its own' "$(inside /usr/bin/sockfix run -n -- true)" "/$library"
readelf -SW "$root/usr/local/bin/sockfix" "$root/usr/local/lib/sockfix/libsockfix.so" | grep -qE '\.(debug_|symtab)' &&
	bad 'what make install installs is not stripped' || ok 'installed stripped'
same 'debug files, by the numbers of both' "$(for f in bin/sockfix lib/sockfix/libsockfix.so; do
	readelf -n "$root/usr/local/$f"; done | sed -n 's,.*Build ID: \(..\)\(.*\),\1/\2.debug,p' | sort)" \
	"$(cd "$root/usr/lib/debug/.build-id" && find . -type f | sed 's,^\./,,' | sort)"
start sockfix run --
holds 'status of the other says that it is not its own' "$(inside /usr/bin/sockfix status "$service")" \
	"^version +$version; this command is of $next"
kill "$service"
rm -f "$root/orders" "$root/answers"
make -s BUILD="$build" DESTDIR="$root" uninstall >"$work/log" 2>&1 || bad 'make uninstall' "$(cat "$work/log")"
everything | grep -vE '^d [0-7]+ \./usr/(local/|lib/debug)' >"$work/after"
same 'make uninstall leaves folders at most' "$(grep -vE '^d [0-7]+ \./usr/(local/|lib/debug)' "$work/before" | diff - "$work/after")" ''

echo "# what a container handed on"
if [ -e "$work/volume/sockfix" ]; then
	fresh
	cp -a "$work/volume" "$root/sockfix"
	holds 'a program started from the volume' "$(inside /sockfix/sockfix run -- perl -e "$map")" '/sockfix/libsockfix.so'
fi
fresh
umount "$root/proc"
total
