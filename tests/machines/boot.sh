#!/bin/sh
# boot.sh FOLDER CC QEMU...: plays a machine: the root in FOLDER/root, copied to a disk that is thrown
# away, the Debian kernel in FOLDER/kernel, and init.c, built by CC, as its first program. It runs /run.sh
# of that root; what that says goes to stdout, and its status is this script's.
set -eu
folder=$1 cc=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
first=$folder/first
rm -rf "$first"
mkdir -p "$first/modules"
$cc -static -O1 -Wall -Wextra -Werror -o "$first/init" "$here/init.c"
number=10
for m in virtio virtio_ring virtio_mmio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk; do
	cp "$(find "$folder/kernel/lib/modules" -name $m.ko)" "$first/modules/$number-$m.ko"
	number=$((number + 1))
done
(cd "$first" && find . | cpio -o -H newc --quiet) >"$folder/first.cpio"
rm -f "$folder/disk"
mke2fs -q -t ext4 -O ^has_journal -d "$folder/root" "$folder/disk" 6G
trap 'rm -f "$folder/disk"' EXIT
# Its time is that of its instructions (-icount): however busy this machine is, the gaps between its calls
# are the same, of which the library learns.
"$@" -smp 1 -icount shift=2,sleep=off -nographic -nic none -no-reboot -monitor none -serial stdio -kernel "$folder"/kernel/boot/vmlinuz-* \
	-initrd "$folder/first.cpio" -append 'console=ttyAMA0 quiet panic=-1' \
	-drive file="$folder/disk",format=raw,if=none,id=disk,cache=unsafe -device virtio-blk-pci,drive=disk \
	</dev/null | sed -u 's/\r//g' | tee "$folder/console"
status=$(sed -n 's/^machine: status //p' "$folder/console" | tail -n 1)
exit "${status:-1}"
