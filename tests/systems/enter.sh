#!/bin/sh
# enter.sh ROOT COMMAND...: runs it in that root, in namespaces of its own: mounts, processes, and
# devices that are not this machine's. All of it ends with COMMAND, however that ends. ROOT stays a
# plain folder, no mount point.
set -eu
exec unshare --mount --propagation private --pid --fork --kill-child sh -eu -c '
root=$1
shift
cp /etc/resolv.conf "$root/etc/"
[ -e "$root/etc/hosts" ] || echo 127.0.0.1 localhost >"$root/etc/hosts"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/net"
while read -r name major minor; do
	mknod -m 666 "$root/dev/$name" c "$major" "$minor" 2>/dev/null && continue
	# Not where users are apart (tests/machines): there they are those of this machine.
	: >"$root/dev/$name"
	mount --bind "/dev/$name" "$root/dev/$name"
done <<END
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
net/tun 10 200
END
mount -t devpts -o newinstance,ptmxmode=666,mode=620 pts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for folder in dev/shm tmp run; do
	mount -t tmpfs -o mode=1777 none "$root/$folder"
done
exec chroot "$root" env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root \
	DEBIAN_FRONTEND=noninteractive "$@"' enter "$@"
