#!/bin/sh
# smtp_sink.sh PORT: Postfix's smtp-sink, which says nothing; prints a line when it takes connections.
set -eu
user=
[ "$(id -u)" != 0 ] || user='-u nobody'
# shellcheck disable=SC2086 # words or nothing
/usr/sbin/smtp-sink $user "127.0.0.1:$1" 100 &
until nc -z 127.0.0.1 "$1"; do
	kill -0 $!
done
echo ready
wait
