#!/bin/sh
# root.sh FOLDER SUITE ARCH PACKAGE...: the root of another system, made by debootstrap, with these
# packages in it, and those with a ? behind them where it has them: a plain folder, no mount point. One
# that is there is used again. Where it cannot be
# had, the last line of stderr says why. Nothing of this machine changes.
set -eu
root=$1 suite=$2 arch=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
die() {
	echo "$*" >&2
	exit 1
}
[ "$(id -u)" = 0 ] || die "it takes root to make a root"
command -v debootstrap >/dev/null || die "no debootstrap here: apt-get install debootstrap"
mkdir -p "$(dirname "$root")/debs"
folder=$(cd "$(dirname "$root")" && pwd)
root=$folder/$(basename "$root")

# Debian's mirror is that of this machine's apt, Ubuntu's what debootstrap has for itself.
scripts=/usr/share/debootstrap/scripts
mirror=$(sed -n 's/^URIs:[ ]*\([^ ]*\).*/\1/p; s/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p' \
	/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
[ -n "$mirror" ] || die "no Debian mirror in apt's sources"
options="--variant=minbase --arch=$arch --cache-dir=$folder/debs"
script=$scripts/sid
if [ "$suite" = jammy ] || [ "$suite" = noble ]; then
	key=/usr/share/keyrings/ubuntu-archive-keyring.gpg
	[ -e $key ] || key=$folder/keys/ubuntu-archive-keyring.gpg
	[ -e "$key" ] || "$here/keys.sh" "$folder/keys" "$mirror" || die "Ubuntu's key cannot be had"
	options="$options --components=main,universe --keyring=$key"
	script=$scripts/gutsy
	mirror=$(sed -n 's|.*default_mirror \(http://archive[^ ]*\).*|\1|p' $script | head -n 1)
fi
if [ ! -e "$root/made" ]; then
	rm -rf "$root"
	# In namespaces of its own: its mounts and processes end with it. Where users are apart, too
	# (tests/machines), it makes no devices: it knows that by this word.
	[ "$(awk '{ print $3 }' /proc/self/uid_map)" = 4294967295 ] || export container=lxc
	unshare -m --propagation private -p -f --kill-child \
		debootstrap $options "$suite" "$root" "$mirror" "$script" >"$root.log" 2>&1 ||
		die "debootstrap of $suite: $(grep '^E:' "$root.log" | tail -n 1)"
	touch "$root/made"
fi
[ "$(cat "$root/packages" 2>/dev/null)" = "$*" ] && exit 0
"$here/enter.sh" "$root" sh -euc 'apt-get update -qq
for name; do
	case $name in
	*\?) name=${name%?} && apt-cache show "$name" >/dev/null 2>&1 || continue ;;
	esac
	names="${names:-} $name"
done
apt-get -y -qq --no-install-recommends install $names' install "$@" \
	>"$root.log" 2>&1 || die "packages of $suite: $(grep '^E:' "$root.log" | tail -n 1)"
echo "$*" >"$root/packages"
