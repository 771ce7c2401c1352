#!/bin/sh
# run.sh [--full | --report [CLIENT]]: the cases of cases.py, bare, with TCP_NODELAY, and with
# sockfix: 40 turns each; --full: 200, medians of 3 runs. --report: what sockfix says of one client,
# a name in clients/ (post.rb). Needs root, for the namespaces and for sshd. BUILD is the folder of
# sockfix.
set -eu
cd "$(dirname "$0")/../.."
build=$(realpath -m "${BUILD:-build}")
what='40 1'
case ${1:-} in
'') ;;
--full) what='200 3' ;;
--report) what="100 --report ${2:-post.rb}" ;;
*) echo "usage: run.sh [--full | --report [CLIENT]]" >&2; exit 1 ;;
esac
[ -x "$build/sockfix" ] || { echo "run.sh: $build/sockfix is missing: run make" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "run.sh: network namespaces need root" >&2; exit 1; }
# None of the daemons is started by its package, nor used but by this script.
tests/deps.sh packages python3 perl ruby wget php-cli beanstalkd openjdk-17-jdk-headless haproxy \
	openssh-server openssh-client iproute2

folder=$(mktemp -d)
chmod 755 "$folder"
made=
inside=
# shellcheck disable=SC2317 # called by the trap
finish()
{
	[ -z "$inside" ] || kill -KILL "$inside"
	rm -rf "$folder"
	[ -z "$made" ] || rmdir /run/sshd
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE

javac -d "$folder" examples/write-write-read/clients/Lines.java
ssh-keygen -q -t ed25519 -N '' -f "$folder/host"
ssh-keygen -q -t ed25519 -N '' -f "$folder/key"
cat >"$folder/sshd_config" <<END
ListenAddress 127.0.0.1:9000
HostKey $folder/host
AuthorizedKeysFile $folder/key.pub
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
LogLevel ERROR
PidFile none
PrintLastLog no
END
# Debian's sshd wants this folder, which its service would make.
[ -d /run/sshd ] || { mkdir -m 755 /run/sshd && made=yes; }

# Every process ends with unshare.
# shellcheck disable=SC2086 # words
unshare --net --pid --fork --kill-child --mount-proc sh -c 'ip link set lo up && exec "$@"' - \
	/usr/bin/python3 examples/write-write-read/cases.py "$build/sockfix" "$folder" $what &
inside=$!
status=0
wait "$inside" || status=$?
inside=
exit "$status"
