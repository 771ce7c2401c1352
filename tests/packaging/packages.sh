#!/bin/bash
# Packages of this tree and of the same one with a higher version: built, looked at, and then used in a
# Debian 12 of their own (system.sh). As root. That system is made once, in $BUILD, from where this
# machine's own packages come.
set -u
cd "$(dirname "$0")/../.."
BUILD=$(cd "${BUILD:-build}" && pwd)
export -n BUILD
# What was given on the command line holds here, too, or all would be built anew; its jobs do not.
MAKEFLAGS=$(printf '%s' "${MAKEFLAGS:-}" | sed 's/ *--jobserver[^ ]*//; s/\(^\| \)-j[0-9]*//')
export MAKEFLAGS
. tests/packaging/said.sh
work=$(mktemp -d "${TMPDIR:-/tmp}/sockfix-packages.XXXXXX")
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^VERSION := //p' Makefile)
next=99.$version
tag=localhost/sockfix-test:$$

[ "$(id -u)" = 0 ] || { echo 'packages.sh: as root' >&2; exit 1; }
if [ ! -e "$BUILD/debian/done" ]; then
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
	rm -rf "$BUILD/debian"
	debootstrap --variant=minbase bookworm "$BUILD/debian" "$mirror" >"$work/log" 2>&1 || {
		echo "packages.sh: debootstrap has no Debian 12 here:" && tail -n 3 "$work/log"
		exit 1
	}
	rm -f "$BUILD"/debian/var/cache/apt/archives/*.deb
	touch "$BUILD/debian/done"
fi
# The libc of its other word size, of the same version, by lists of its own.
if [ ! -e "$BUILD/debian-i386/done" ]; then
	rm -rf "$BUILD/debian-i386"
	mkdir -p "$BUILD"/debian-i386/{state/lists/partial,cache/archives/partial}
	: >"$BUILD/debian-i386/status"
	(
		cd "$BUILD/debian-i386" || exit 1
		own="-o Dir::State=$PWD/state -o Dir::State::status=$PWD/status -o Dir::Cache=$PWD/cache
			-o APT::Architectures::=amd64 -o APT::Architectures::=i386 -o APT::Sandbox::User=root"
		apt-get $own -qq update
		apt-get $own -qq download libc6:i386 libgcc-s1:i386 gcc-12-base:i386 && touch done
	) >"$work/log" 2>&1 || echo "packages.sh: no libc6:i386 here: $(tail -n 1 "$work/log")"
fi

# ---- what is built
made() {
	local what=$1
	shift
	if "$@" >"$work/log" 2>&1; then ok "$what"; else bad "$what" "$(tail -n 20 "$work/log")"; fi
}
made 'make deb' make BUILD="$BUILD" deb
mkdir -p "$work/old" "$work/new" "$work/next"
mv "$BUILD"/deb/*_*.deb "$work/old/"
same 'the version of the packages is the Makefile'\''s' "$(dpkg-deb -f "$work"/old/sockfix_*.deb Version)" "$version-1"
same 'and that of the changelog' \
	"$(dpkg-parsechangelog -l "$BUILD/deb/sockfix-$version/debian/changelog" -S Version)" "$version-1"
mv "$work"/old/*.deb "$BUILD/deb/" && cp "$BUILD"/deb/*.deb "$work/old/"
made 'lintian: no error, no warning' lintian --allow-root --fail-on error,warning "$BUILD"/deb/*.changes

# The higher version is built from the tarball: without git.
tar -xzf "$BUILD/sockfix-$version.tar.gz" -C "$work/next" --strip-components=1
sed -i "s/^VERSION := .*/VERSION := $next/" "$work/next/Makefile"
made 'make deb, without git' env -u MAKEFLAGS make -C "$work/next" deb
cp "$work"/next/build/deb/*.deb "$work/new/"

files() {
	grep -vE '/(doc|licenses|lintian|\.build-id)(/|$)' | sed -n 's,.*/,,p' | sed 's/\.gz$//' | grep . | sort
}
if command -v rpmbuild >/dev/null; then
	made 'make rpm' make BUILD="$BUILD" rpm
	for p in sockfix libsockfix; do
		rpm -qlvp "$BUILD"/rpm/RPMS/*/$p-[0-9]*.rpm | grep -v ^d | files >"$work/rpm"
		dpkg-deb -c "$work"/old/${p}_*.deb | grep -v ^d | files >"$work/deb"
		same "$p: the same files in both packages" "$(cat "$work/rpm")" "$(cat "$work/deb")"
	done
else
	absent 'rpmbuild (package rpm)'
fi

mkdir "$work/volume"
if ! command -v podman >/dev/null; then
	absent podman
else
	made 'make image' make BUILD="$BUILD" IMAGE_TAG="$tag" image
	# Where no container can be run, what is in the image is run in its own root.
	if podman run --rm --network none "$tag" /bin/busybox true >"$work/log" 2>&1; then
		contained() { podman run --rm --network none "$@"; }
		made 'its container copies' contained -v "$work/volume:/target" "$tag"
	else
		absent "containers of podman: $(tail -n 1 "$work/log")"
		container=$(podman create --network none "$tag")
		mkdir "$work/image" && podman export "$container" | tar -x -C "$work/image"
		podman rm "$container" >/dev/null
		contained() { chroot "$work/image" /bin/copy.sh /target; }
		mkdir "$work/image/target"
		made 'its files copy' contained
		mv "$work"/image/target/* "$work/volume/"
		rmdir "$work/image/target"
	fi
	same 'the command and the library, and nothing else' "$(ls -A "$work/volume" | xargs)" 'libsockfix.so sockfix'
	! contained "$tag" >"$work/log" 2>&1 && grep -q 'mount a volume' "$work/log" &&
		ok 'without a volume it says so' || bad 'without a volume' "$(cat "$work/log")"
	podman rmi -f "$tag" >/dev/null 2>&1
fi

# The library of the other word size in the files of its package: Multi-Arch: same, so all but the library
# itself is the same for both.
narrow=$work/narrow
mkdir -p "$narrow/package" "$narrow/built"
made 'the library of 32 bits' make BUILD="$narrow/built" CC=i686-linux-gnu-gcc "$narrow/built/libsockfix.so"
made 'its package' sh -euc 'dpkg-deb -R "$1"/libsockfix_*.deb "$2/package"
	cd "$2/package"
	rm -r usr/lib/x86_64-linux-gnu
	install -D ../built/libsockfix.so usr/lib/i386-linux-gnu/sockfix/libsockfix.so
	sed -i "s/^Architecture: .*/Architecture: i386/" DEBIAN/control
	find usr -type f -exec md5sum {} + >DEBIAN/md5sums
	dpkg-deb -b . ..' sh "$work/old" "$narrow"
for cc in i686-linux-gnu-gcc gcc; do
	$cc -o "$narrow/${cc%%-*}" -x c - <<'END' || bad "a client by $cc" ''
#include <stdio.h>
#include <string.h>
int main(void)
{
	static char line[4096];
	FILE *maps = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "libsockfix.so") && strstr(line, " r-xp "))
			printf("%d %s", (int)sizeof(void *) * 8, strrchr(line, ' ') + 1);
	return 0;
}
END
done

# ---- what is used: with processes, mounts and a network that end with it
make BUILD="$BUILD" all pages >/dev/null
unshare --mount --pid --net --fork --kill-child --mount-proc \
	tests/packaging/system.sh "$BUILD" "$work" "$version" "$next" || failed=$((failed + 1))
total
