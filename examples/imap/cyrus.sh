#!/bin/sh
# cyrus.sh [--runs N] [--mails N] [--report]: the import of run.sh against a real Cyrus IMAP server,
# over two network namespaces and a veth with an MTU of 1500; with Perl's Mail::IMAPClient as fourth
# row. --report: afterwards what record, suggest, diff and prove say of the import.
# Needs root, for the namespaces. Nothing is installed and no service of the system is touched:
# Debian's packages are unpacked into a temporary folder, which is removed at the end.
set -eu
cd "$(dirname "$0")/../.."
build=$(realpath -m "${BUILD:-build}")
runs=5
mails=300
report=no
while [ $# -gt 0 ]; do
	case $1 in
	--runs) runs=${2:?--runs wants a number}; shift 2 ;;
	--mails) mails=${2:?--mails wants a number}; shift 2 ;;
	--report) report=yes; shift ;;
	*) echo "usage: cyrus.sh [--runs N] [--mails N] [--report]" >&2; exit 1 ;;
	esac
done
stop()
{
	echo "cyrus.sh: $*" >&2
	exit 1
}
[ -x "$build/sockfix" ] || stop "$build/sockfix is missing: run make"
[ "$(id -u)" = 0 ] || stop "network namespaces need root"
command -v ip >/dev/null || stop "ip is missing: apt-get install -y iproute2"

folder=$(mktemp -d)
client_ns=sockfix-c-$$
server_ns=sockfix-s-$$
# Only processes inside the namespaces of this run are ended; all of them were started here.
finish()
{
	for ns in "$server_ns" "$client_ns"; do
		for pid in $(ip netns pids "$ns" 2>/dev/null); do
			kill -KILL "$pid" 2>/dev/null || :
		done
		ip netns del "$ns" 2>/dev/null || :
	done
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE

# ---- the packages, unpacked ---------------------------------------------------
debs=$build/cyrus-packages
mkdir -p "$debs/partial" "$folder/root"
echo "fetching Debian's packages of Cyrus IMAP (into $debs)" >&2
# dma stands in for the mail server that Cyrus depends on; it is the smallest and not started.
fetch()
{
	apt-get install -y -qq --no-install-recommends --download-only \
		-o Dir::Cache::archives="$debs" -o APT::Sandbox::User=root \
		cyrus-imapd sasl2-bin libmail-imapclient-perl dma >"$folder/apt.log" 2>&1
}
fetch || { apt-get update -qq && fetch; } || { cat "$folder/apt.log" >&2; stop "no packages"; }
for deb in "$debs"/*.deb; do
	dpkg-deb -x "$deb" "$folder/root"
done
# What the system has already was not fetched, and is taken from there.
cyrus=$folder/root/usr/lib/cyrus/bin
[ -x "$cyrus/imapd" ] || cyrus=/usr/lib/cyrus/bin
saslpasswd=$folder/root/usr/sbin/saslpasswd2
[ -x "$saslpasswd" ] || saslpasswd=saslpasswd2
libraries=$(echo "$folder"/root/usr/lib/*-linux-gnu)
server_env="LD_LIBRARY_PATH=$libraries SASL_PATH=$libraries/sasl2:${libraries#"$folder/root"}/sasl2"

# ---- the server ---------------------------------------------------------------
mkdir "$folder/conf" "$folder/spool" "$folder/proc" "$folder/lock"
cat >"$folder/imapd.conf" <<END
configdirectory: $folder/conf
defaultpartition: default
partition-default: $folder/spool
proc_path: $folder/proc
mboxname_lockpath: $folder/lock
cyrus_user: mail
cyrus_group: mail
servername: cyrus.test
altnamespace: yes
autocreate_quota: 0
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $folder/sasldb2
sasl_mech_list: PLAIN LOGIN
END
cat >"$folder/cyrus.conf" <<END
START {
  recover cmd="$cyrus/ctl_cyrusdb -C $folder/imapd.conf -r"
}
SERVICES {
  imap cmd="$cyrus/imapd -C $folder/imapd.conf" listen="10.99.7.1:143" prefork=1
}
END
echo demo | env $server_env "$saslpasswd" -p -c -f "$folder/sasldb2" -u cyrus.test demo
# Cyrus changes to this user of every Debian.
chown -R mail:mail "$folder"
chmod 711 "$folder"

ip netns add "$server_ns"
ip netns add "$client_ns"
ip -n "$server_ns" link add veth0 mtu 1500 type veth peer name veth0 mtu 1500 netns "$client_ns"
for end in "$server_ns 10.99.7.1" "$client_ns 10.99.7.2"; do
	set -- $end
	ip -n "$1" address add "$2/24" dev veth0
	ip -n "$1" link set lo up
	ip -n "$1" link set veth0 up
done
ip netns exec "$server_ns" env $server_env "$cyrus/master" -C "$folder/imapd.conf" \
	-M "$folder/cyrus.conf" -p "$folder/conf/master.pid" >"$folder/server.log" 2>&1 &
tries=0
until ip netns exec "$server_ns" ss -Hltn 'sport = :143' | grep -q .; do
	tries=$((tries + 1))
	[ "$tries" -lt 150 ] || { cat "$folder/server.log" >&2; stop "Cyrus did not start"; }
	sleep 0.2
done

# ---- the import ---------------------------------------------------------------
# perl-base alone may be here; then the rest of Perl was fetched, too.
PERL5LIB=$folder/root/usr/share/perl5
for place in "$folder"/root/usr/share/perl/[0-9]* "$libraries"/perl/[0-9]*; do
	[ ! -d "$place" ] || PERL5LIB=$PERL5LIB:$place
done
export PERL5LIB
import()
{
	label=$1
	shift
	echo "  $label, run $((turn + 1)) of $runs" >&2
	printf '%s ' "$label" >>"$folder/results"
	# A folder of its own for each import: none meets a fuller one than the others.
	ip netns exec "$client_ns" "$@" --folder "$label-$turn" 10.99.7.1 143 \
		>>"$folder/results" || stop "the import '$label' failed"
}
python="python3 examples/imap/import.py --count $mails"
turn=0
ip netns exec "$client_ns" python3 examples/imap/import.py --count 1 10.99.7.1 143 >/dev/null
while [ "$turn" -lt "$runs" ]; do
	import bare $python
	import TCP_NODELAY $python --nodelay
	import sockfix "$build/sockfix" run -- $python
	import IMAPClient perl examples/imap/import.pl --count "$mails"
	turn=$((turn + 1))
done
echo "Importing $mails mails of 200-1,200 bytes: Python's imaplib to Cyrus IMAP, over veth"
echo "(medians of $runs runs, in turns; IMAPClient is Perl's, which never stalls)"
echo
awk -f examples/imap/table.awk "$folder/results"
[ "$report" = yes ] || exit 0

# ---- what sockfix says of it --------------------------------------------------
# step WORD ARG...: sockfix with these words, where the client lives.
step()
{
	printf '\n$ sockfix %s\n' "$*" | sed "s,$folder/,,g"
	ip netns exec "$client_ns" env XDG_STATE_HOME="$folder/state" "$build/sockfix" "$@" 2>&1 |
		sed "s,$folder/,,g"
}
job="10.99.7.1 143"
step record -o "$folder/bare" -- $python --folder recorded $job
"$build/sockfix" suggest "$folder/bare" >"$folder/suggested.conf"
step check "$folder/suggested.conf"
step record -r "$folder/suggested.conf" -o "$folder/mended" -- $python --folder mended $job
step diff "$folder/bare" "$folder/mended"
step prove -r "$folder/suggested.conf" -- $python --folder proved $job
