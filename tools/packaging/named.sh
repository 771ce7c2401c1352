# named.sh LIBRARY COMMAND: after a removal, who starts programs and names either still, one line each.
# The maintainer scripts of packages carry the function; nothing is changed.

# named SENTENCE PATTERN: PLACE:LINE:TEXT below the sentence, where there is any. Comments are not.
named() {
	found=$(grep -rnsIE -e "$2" /etc/ld.so.preload /etc/environment /etc/security/pam_env.conf \
		/etc/systemd /run/systemd/system /usr/local/lib/systemd /etc/crontab /etc/cron.d \
		/etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly /etc/anacrontab \
		/var/spool/cron /var/spool/at /etc/default /etc/sysconfig /etc/profile /etc/profile.d \
		/etc/init.d /etc/inetd.conf /etc/xinetd.d /etc/xinetd.conf /etc/supervisor \
		/etc/supervisord.conf /root/.config/systemd /home/*/.config/systemd 2>/dev/null |
		grep -vE '^[^:]*:[0-9]+:[[:space:]]*[#;]') || return 0
	echo "$1"
	# what any user wrote in a crontab: no escape of theirs reaches a terminal
	printf '%s\n' "$found" | LC_ALL=C tr -d '\000-\011\013-\037\177' | cut -c1-200 | sed 's/^/  /'
}

# Where a package has only a part of this file, it ends above.
named "sockfix: $1 is gone, and named still in:" 'libsockfix\.so'
named "sockfix: $2 is gone, and started still in:" '(^|[^[:alnum:]_.-])sockfix[[:space:]]+(run|record)([[:space:]]|$)'
