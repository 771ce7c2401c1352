#!/bin/sh
# old_glibc.sh FOLDER: Debian 11's glibc (2.31), unpacked there from its package; nothing is installed.
# Uses the mirror that this machine's apt uses, with lists and keys apart.
set -eu
folder=$1
mirror=$(sed -n 's/^URIs:[ ]*\([^ ]*\).*/\1/p; s/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p' \
	/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -1)
[ -n "$mirror" ] || { echo "no Debian mirror in apt's sources" >&2; exit 1; }
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
folder=$(cd "$folder" && pwd)
echo "deb $mirror bullseye main" >"$folder/sources.list"
apt() {
	apt-get -qq -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Check-Valid-Until=false "$@"
}
apt update
(cd "$folder" && apt download libc6/bullseye)
dpkg-deb -x "$folder"/libc6_*.deb "$folder"
rm -rf "$folder/lists" "$folder/cache" "$folder"/*.deb
touch "$folder/done"
