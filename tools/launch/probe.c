/* Scratch sockets: what would this host's kernel answer to the options of the rules? Each try has
 * a socket of its own, bound to 127.0.0.1 at most, closed at once; nothing is connected. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rules/text/option_text.h"
#include "tools/launch/probe.h"

static int open_socket(bool listening)
{
	const struct sockaddr_in here = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (listening && (bind(fd, (const struct sockaddr *)&here, sizeof(here)) != 0 ||
				 listen(fd, 1) != 0)) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

/* 0, or -errno of setsockopt(). *got: what the kernel made of a buffer's size, else 0. */
static int try_option(int id, const struct value *value, bool listening, int *got)
{
	unsigned char bytes[16];
	const struct option *option = &option_table[id];
	size_t size = option_encode(id, value, bytes);
	socklen_t length = sizeof(*got);
	*got = 0;
	int fd = size ? open_socket(listening) : -EBADF;
	if (fd < 0)
		return 0; /* nothing to try, or no socket to try it on */
	int error =
		setsockopt(fd, option->level, option->optname, bytes, (socklen_t)size) ? -errno : 0;
	if (!error && option->type == TYPE_BUFFER)
		getsockopt(fd, option->level, option->optname, got, &length);
	close(fd);
	return error;
}

/* The first line of a file below /proc/sys, or "". */
static void read_sysctl(const char *path, char *out, size_t size)
{
	FILE *file = fopen(path, "re");
	*out = '\0';
	if (!file)
		return;
	if (!fgets(out, (int)size, file))
		*out = '\0';
	out[strcspn(out, "\n")] = '\0';
	fclose(file);
}

/* What would help, as the end of a sentence. */
static void refusal_hint(int id, int error, char *out, size_t size)
{
	char known[512];
	*out = '\0';
	if (id == OPTION_TCP_CONGESTION) {
		read_sysctl("/proc/sys/net/ipv4/tcp_available_congestion_control", known,
			sizeof(known));
		snprintf(out, size, "; it has: %s", known);
	} else if (error == -EPERM || error == -EACCES) {
		snprintf(out, size, "; that needs CAP_NET_ADMIN");
	}
}

static bool probe_refusal(int id, const struct value *value, char *sentence, size_t size)
{
	char text[64], hint[600];
	int got;
	const char *on = "";
	int error = try_option(id, value, false, &got);
	if (!error && (option_table[id].when & AT_LISTEN)) {
		error = try_option(id, value, true, &got);
		on = " on a listening socket";
	}
	if (!error)
		return false;
	option_print(id, value, text, sizeof(text));
	refusal_hint(id, error, hint, sizeof(hint));
	snprintf(sentence, size, "this host refuses %s = %s%s: %s%s", option_table[id].name, text,
		on, strerror(-error), hint);
	return true;
}

/* net.core.somaxconn cuts a backlog down without an error. */
static bool probe_backlog(int id, const struct value *value, char *sentence, size_t size)
{
	char limit[32];

	if (id != OPTION_LISTEN_BACKLOG || value->kind != VALUE_NUMBER)
		return false;
	read_sysctl("/proc/sys/net/core/somaxconn", limit, sizeof(limit));
	if (!*limit || value->number <= strtoll(limit, NULL, 10))
		return false;
	snprintf(sentence, size, "listen_backlog %lld, but this host's net.core.somaxconn is %s",
		(long long)value->number, limit);
	return true;
}

/* net.core.{r,w}mem_max cut a size down without an error. */
static bool probe_limit(int id, const struct value *value, char *sentence, size_t size)
{
	const char *name = id == OPTION_SO_SNDBUF ? "wmem_max" : "rmem_max";
	char path[64], limit[32], text[64];
	int got;
	/* The kernel answers twice what was asked for, socket(7). */
	if (option_table[id].type != TYPE_BUFFER || try_option(id, value, false, &got) != 0 ||
		got == 0 || got >= 2 * value->number)
		return false;
	snprintf(path, sizeof(path), "/proc/sys/net/core/%s", name);
	read_sysctl(path, limit, sizeof(limit));
	option_print(id, value, text, sizeof(text));
	snprintf(sentence, size, "%s %s, but this host's net.core.%s is %s", option_table[id].name,
		text, name, limit);
	return true;
}

void probe_rules(const struct ruleset *set,
	void (*tell)(const struct rule *rule, bool refused, const char *sentence))
{
	char sentence[1024];
	for (size_t i = 0; i < set->count; i++) {
		const struct rule *rule = &set->rule[i];
		for (size_t k = 0; k < rule->settings; k++) {
			int id = rule->setting[k].option;
			const struct value *value = &rule->setting[k].value;
			if (probe_refusal(id, value, sentence, sizeof(sentence)))
				tell(rule, true, sentence);
			else if (probe_limit(id, value, sentence, sizeof(sentence)) ||
				 probe_backlog(id, value, sentence, sizeof(sentence)))
				tell(rule, false, sentence);
		}
	}
}
