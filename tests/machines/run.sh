#!/bin/bash
# run.sh: each machine of the table below: a root of Debian 12 for it (tests/systems/root.sh, where its
# programs can be started: apart.sh), the library, the command and the tests cross-built with that root's
# headers and libraries, without a warning; then a whole machine that qemu plays, with that root and
# Debian's kernel (boot.sh): stories, a client of its own python3 that is recorded, reported and mended,
# unit tests. One table at the end; what was said is in $BUILD/machines/NAME.log.
# MACHINE=aarch64: that one alone. As root; nothing of this machine changes.
set -u
cd "$(dirname "$0")/../.."
here=tests/machines
BUILD=$(cd "${BUILD:-build}" && pwd)
folder=$BUILD/machines
mkdir -p "$folder"
# name, Debian's architecture, compiler, emulator of programs, emulator of machines and its words, the
# first 20 bytes of its programs.
machines='aarch64 arm64 aarch64-linux-gnu-gcc qemu-aarch64-static qemu-system-aarch64,-M,virt,-cpu,max \x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
packages="gcc libc6-dev libconfig-dev libjansson-dev libcmocka-dev libbpf-dev libpcap-dev netbase kmod python3 binutils procps iproute2 strace perl curl"
cells="built stories python3 units"
stories="children collect end hostile lent life mixed names nothing order rare spawned start table threads wait"
# A handler after each instruction, in a child for each (tests/unit/step.h): hours, where a machine is
# played. Those that look at screens: minutes, and the same everywhere.
left_out="test_fdtab test_thread test_ticks test_moments test_screens"
. tests/systems/table.sh

apart() { # COMMAND...: where the programs of this machine can be started
	"$here/apart.sh" "$(command -v "$emulator" || echo "$emulator")" "$magic" "$@"
}
# Debian's smallest kernel of that architecture, unpacked.
kernel() { # NAME ARCH
	[ ! -e "$folder/$1/kernel/done" ] || return 0
	rm -rf "$folder/$1/kernel"
	mkdir -p "$folder/$1/kernel"
	apart tests/systems/enter.sh "$folder/$1/root" sh -euc 'cd /root && apt-get update -qq
		name=$(apt-cache depends linux-image-cloud-'"$2"' | sed -n "s/.*Depends: //p" | head -n 1)
		apt-get download -qq "$name"' >"$folder/$1.log" 2>&1 &&
		dpkg-deb -x "$folder/$1"/root/root/linux-image-*.deb "$folder/$1/kernel" &&
		rm "$folder/$1"/root/root/linux-image-*.deb && touch "$folder/$1/kernel/done"
}
build() { # NAME CC
	local out=$folder/$1/root/src/build root=$folder/$1/root kind name tests
	mkdir -p "$root/src"
	git ls-files -co --exclude-standard | tar -c -T - | tar -x -C "$root/src"
	tests=$(for kind in unit behave; do
		for name in tests/$kind/test_*.c; do
			[ $name = tests/behave/test_word_sizes.c ] || # amd64's other word size
				echo "$out/tests/$(basename "$name" .c)"
		done
	done
	for name in tests/victims/*.c; do
		echo "$out/victims/$(basename "$name" .c)"
	done)
	if make -j"$(nproc)" WERROR=1 CC="$2 --sysroot=$root" BUILD="$out" all $tests >"$folder/$1.log" 2>&1; then
		set_cell "$1" built "$("$2" -dumpfullversion)"
	else
		set_cell "$1" built "FAILED: $(grep -m 1 -E 'error:|warning:' "$folder/$1.log")"
	fi
}
# What the machine does: three parts, each with its name before it.
orders() {
	local unit t
	unit=$(for t in tests/unit/test_*.c; do
		t=$(basename "$t" .c)
		[[ " $left_out " = *" $t "* ]] || echo "build/tests/$t"
	done)
	cat <<END
depmod
for folder in dev/shm tmp run; do mkdir -p /\$folder; mount -t tmpfs -o mode=1777 none /\$folder; done
mkdir -p /dev/pts; mount -t devpts pts /dev/pts
mount -t cgroup2 none /sys/fs/cgroup
hostname machine; echo 127.0.0.1 localhost machine >/etc/hosts
ip link set lo up
cd /src
# Leaks are looked for by a copy of the program, which takes a minute in such a machine.
export BUILD=build TESTS_WITHOUT='${TESTS_WITHOUT:-}' ASAN_OPTIONS=detect_leaks=0
echo '== stories'
tests/run.sh $(printf 'build/tests/test_%s ' $stories)
echo '== python3'
sh -eu tests/systems/foreign.sh /src/build/sockfix
echo '== units'
tests/run.sh $(echo $unit)
echo '== end'
END
}
part() { # NAME CELL
	sed -n "/^== $2\$/,/^== /p" "$folder/$1.log" | sed '1d;$d'
}
counted() { # NAME CELL
	set_count "$1" "$2" "$(tail -n 1 "$folder/$1.log")" < <(part "$1" "$2")
}
play() { # NAME CC
	orders >"$folder/$1/root/run.sh"
	rm -rf "$folder/$1/root/usr/lib/modules"
	cp -r "$folder/$1/kernel/lib/modules" "$folder/$1/root/usr/lib/"
	"$here/boot.sh" "$folder/$1" "$2" ${system//,/ } -m 4G >"$folder/$1.log" 2>&1
	counted "$1" stories
	if [ "$(part "$1" python3 | tail -n 1)" = works ]; then
		set_cell "$1" python3 works
	else
		set_cell "$1" python3 "FAILED: $(part "$1" python3 | tail -n 1)"
	fi
	counted "$1" units
}
one() { # NAME ARCH CC
	command -v "$3" >/dev/null || { lacks "$1" "no $3"; return; }
	command -v "${system%%,*}" >/dev/null || { lacks "$1" "no ${system%%,*}"; return; }
	mkdir -p "$folder/$1"
	apart tests/systems/root.sh "$folder/$1/root" bookworm "$2" $packages 2>"$folder/$1.why" ||
		{ lacks "$1" "$(tail -n 1 "$folder/$1.why")"; return; }
	kernel "$1" "$2" || { lacks "$1" "its kernel: $(tail -n 1 "$folder/$1.log")"; return; }
	build "$1" "$3"
	case ${cell[$1.built]} in
	FAILED*) cell[$1.stories]="not built" cell[$1.python3]="not built" cell[$1.units]="not built" ;;
	*) play "$1" "$3" ;;
	esac
}

while read -r name arch cc emulator system magic; do
	[ -z "${MACHINE:-}" ] || [ "$MACHINE" = "$name" ] || continue
	one "$name" "$arch" "$cc" </dev/null
	ran="$ran $name"
done <<<"$machines"
[ -n "$ran" ] || { echo "no machine '$MACHINE' in $here/run.sh"; exit 2; }
table
echo "left out, they take hours so: $left_out"
exit $bad
