#!/bin/sh
# keys.sh FOLDER MIRROR: the key that Ubuntu's archive is signed with, into FOLDER. Nothing is installed:
# Debian 12 has no package of it, so it is taken from that of Debian 13, whose signature apt checks.
set -eu
mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
folder=$(cd "$1" && pwd)
echo "deb $2 trixie main" >"$folder/sources.list"
apt() {
	apt-get -qq -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none "$@"
}
apt update
(cd "$folder" && apt download ubuntu-keyring/trixie)
dpkg-deb --fsys-tarfile "$folder"/ubuntu-keyring_*.deb |
	tar -xO ./usr/share/keyrings/ubuntu-archive-keyring.gpg >"$folder/key"
[ -s "$folder/key" ]
mv "$folder/key" "$folder/ubuntu-archive-keyring.gpg"
rm -rf "$folder/lists" "$folder/cache" "$folder"/*.deb
