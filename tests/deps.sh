#!/bin/sh
# deps.sh build|demo|bench|test|coverage|ci|real|starters|deb: install what is missing on Debian 12. As root, or by
# sudo; else it prints the line to run and stops. deps.sh packages NAME...: the same for the packages named.
set -eu
build="gcc libc6-dev make libconfig-dev libjansson-dev"
demo="$build python3"
bench="$demo perl-base postfix mosquitto mosquitto-clients nginx-light valgrind"
test="$demo libbpf-dev systemd python3-yaml golang-go libcmocka-dev binutils procps iproute2 strace musl-tools musl-dev gcc-i686-linux-gnu libc6-dev-i386-cross libc6-i386 perl ruby fetchmail git curl nodejs openjdk-17-jdk-headless netcat-openbsd xz-utils libjemalloc2 valgrind python3-jsonschema postfix redis postgresql libmail-imapclient-perl iptables memcached php-cli php-memcached php-curl libtcmalloc-minimal4 libfaketime libeatmydata1 proxychains4 libproxychains4 torsocks microsocks openssh-client man-db groff-base bsdextrautils zsh fish libpcap-dev sudo tmux cron at"
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
	test=$(echo " $test " | sed 's/ gcc-i686-linux-gnu libc6-dev-i386-cross libc6-i386 / /')
coverage="$test clang llvm libclang-rt-14-dev"
real="$test libpython3.11-testsuite wrk nghttp2-client apache2 apache2-utils nginx-light haproxy tinyproxy php-fpm wget aria2 ruby-webrick libwww-perl libhttp-daemon-perl erlang-inets libmemcached-tools mariadb-server-core mariadb-client mosquitto mosquitto-clients slapd ldap-utils swaks dovecot-imapd openssh-server openssh-client rsync lftp vsftpd socat openssl stunnel4 dnsmasq-base bind9-dnsutils iperf3"
deb="build-essential debhelper libbpf-dev libconfig-dev libelf-dev libjansson-dev libpcap-dev zlib1g-dev"
starters="$test supervisor xinetd gunicorn uwsgi-core uwsgi-plugin-python3 php-fpm podman crun busybox-static"
ci="$test clang-format cppcheck clang libclang-rt-14-dev"
# In the roots of make test-systems, whatever their names of other packages are.
systems="gcc clang libc6-dev make libconfig-dev libjansson-dev libcmocka-dev libbpf-dev libpcap-dev python3 python3-yaml python3-jsonschema binutils procps iproute2 netbase strace perl git xz-utils file musl-tools ruby nodejs netcat-openbsd libjemalloc2 openssh-client postfix man-db groff-base bsdextrautils zsh fish libclang-rt-dev?"
case $1 in
packages) shift; want=$* ;;
*) want=$(eval "echo \$$1") ;;
esac
# Another system has its own names for them.
if ! command -v dpkg-query >/dev/null; then
	[ "$1" = build ] || echo "deps.sh: no dpkg here: whether all of '$want' is there is not looked at" >&2
	exit 0
fi
missing=
for p in $want; do
	dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
line="apt-get install -y --no-remove --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
	sudo=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
	sudo=sudo
else
	echo "these packages are missing; as root: $line" >&2
	exit 1
fi
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# A package that brings a daemon must not start it here: RUNLEVEL=1 says so to init's scripts, a
# policy to systemd, too. A policy that is there stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap '$sudo rm -f $policy' EXIT
	printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
	$sudo chmod 755 $policy
fi
$sudo apt-get update -qq >&2 || true
$sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $line >/dev/null
