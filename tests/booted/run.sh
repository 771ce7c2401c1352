#!/bin/sh
# run.sh BUILD: `sockfix unit` in a Debian 12 that systemd has booted, in a container of
# systemd-nspawn: each row of inside.py, with what it said. As root. The system is made once, by
# debootstrap from this machine's own mirror, and kept as BUILD/booted.tar; each run unpacks it
# anew and leaves nothing behind. Exit 1: a row failed; 2: it could not be booted here, and why.
set -eu
build=$1
[ "$(id -u)" = 0 ] || { echo "booted: not run: it needs root" >&2; exit 2; }
sh tests/deps.sh packages debootstrap systemd-container
folder=$(mktemp -d /var/tmp/sockfix-booted.XXXXXX)
nspawn=
end() {
	[ -z "$nspawn" ] || kill "$nspawn" 2>/dev/null || :
	rm -rf "$folder"
}
trap end EXIT
trap 'exit 2' INT TERM
root=$folder/root

packages=systemd,systemd-sysv,dbus,libpam-systemd,python3-minimal,libpython3-stdlib
packages=$packages,libeatmydata1,libjemalloc2,busybox-static
if [ ! -s "$build/booted.tar" ]; then
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -1)
	echo "booted: making a Debian 12, once" >&2
	debootstrap --variant=minbase --include=$packages bookworm "$root" "${mirror:?no mirror of Debian 12}" \
		>"$folder/log" 2>&1 || { tail -3 "$folder/log" >&2; exit 2; }
	tar -C "$root" -cf "$folder/tar" . && mv "$folder/tar" "$build/booted.tar"
else
	mkdir "$root" && tar -C "$root" -xf "$build/booted.tar"
fi

${MAKE:-make} -s --no-print-directory BUILD="$build" DESTDIR="$root" install >"$folder/log" 2>&1 || { tail -5 "$folder/log" >&2; exit 2; }
cp tests/booted/inside.py tests/booted/server.py "$root/srv/"
cat >"$root/etc/systemd/system/booted.service" <<'END'
[Unit]
Description=the rows
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -u /srv/inside.py
StandardOutput=file:/srv/out
StandardError=file:/srv/out
ExecStopPost=/usr/bin/systemctl --no-block poweroff
[Install]
WantedBy=multi-user.target
END
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s ../booted.service "$root/etc/systemd/system/multi-user.target.wants/"

# A network of its own with nothing but lo. What hangs is ended: no time is judged.
timeout -k 10 600 systemd-nspawn -q -D "$root" -b --register=no --keep-unit --private-network \
	--system-call-filter=pidfd_getfd 	--console=pipe </dev/null >"$folder/console" 2>&1 &
nspawn=$!
wait $nspawn || :
nspawn=
if [ ! -s "$root/srv/out" ]; then
	echo "booted: not run: systemd-nspawn could not boot it here:" >&2
	tail -3 "$folder/console" >&2
	exit 2
fi
cat "$root/srv/out"
grep -q '^all [0-9]* rows hold$' "$root/srv/out"
