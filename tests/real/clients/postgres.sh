#!/bin/sh
# postgres.sh FOLDER PORT: a new cluster in FOLDER, served on 127.0.0.1:PORT. Says on stdout what its
# log says. As root it runs as the user of Debian's package.
set -eu
for bin in /usr/lib/postgresql/*/bin; do :; done
as=
mkdir "$1/data"
if [ "$(id -u)" = 0 ]; then
	as='setpriv --reuid=postgres --regid=postgres --clear-groups'
	chown postgres "$1/data"
fi
cd "$1"
# shellcheck disable=SC2086 # words or nothing
$as "$bin/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --no-locale -N >/dev/null
# shellcheck disable=SC2086
exec $as "$bin/postgres" -D "$1/data" -p "$2" -c listen_addresses=127.0.0.1 \
	-c unix_socket_directories= -c fsync=off 2>&1
