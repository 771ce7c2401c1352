#!/bin/sh
# fetchmail.sh POP3-PORT SMTP-PORT: takes all mail from one and gives it to the other. fetchmail
# holds two sockets: it writes to one while it reads from the other.
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/sockfix-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT
umask 077
cat >"$folder/rc" <<END
set invisible
poll 127.0.0.1 service $1 protocol pop3 auth password
	user "user" password "password" is "user" here
	sslproto "" fetchall smtphost 127.0.0.1/$2 smtpaddress example.org
END
FETCHMAILHOME=$folder fetchmail --nodetach --nosyslog -f "$folder/rc"
