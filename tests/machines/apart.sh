#!/bin/sh
# apart.sh QEMU MAGIC COMMAND...: runs COMMAND where programs of another machine, whose files begin with
# MAGIC (20 bytes, as binfmt_misc wants them), can be started like any other: the kernel hands them to
# QEMU. It is told so in a user namespace of its own (from Linux 6.7 on), which ends with COMMAND: to the
# rest of this machine nothing changes. All users are there.
set -eu
[ -x "$1" ] || { echo "no $1 here: apt-get install qemu-user-static" >&2; exit 1; }
# It waits for its users to be there before it does anything.
unshare --user --mount --propagation private sh -euc 'kill -STOP $$
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
# O, C: as users other than root may start it; P: with the argv[0] that was given; F: in any root.
printf ":apart:M::%s:%s:%s:POCF" "$2" \
	"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff" "$1" \
	>/proc/sys/fs/binfmt_misc/register
shift 2
exec "$@"' apart "$@" &
child=$!
trap 'kill -9 $child' HUP INT TERM
until grep -q '^State:.*T' /proc/$child/status; do
	kill -0 $child
	sleep 0.05
done
echo 0 0 65536 >/proc/$child/uid_map
echo 0 0 65536 >/proc/$child/gid_map
kill -CONT $child
wait $child
