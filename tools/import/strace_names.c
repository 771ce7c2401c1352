/* Tables of names, as errno(3), signal(7) and socket(7) have them. */
#include "tools/import/strace_names.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "rules/option.h"

struct name {
	const char *name;
	int number;
};

#define NAME(name)                                                                                 \
	{                                                                                          \
#name, name                                                                        \
	}

static const struct name error_table[] = {NAME(EPERM), NAME(ENOENT), NAME(EINTR), NAME(EIO),
	NAME(EBADF), NAME(ECHILD), NAME(EAGAIN), NAME(EWOULDBLOCK), NAME(ENOMEM), NAME(EACCES),
	NAME(EFAULT), NAME(EBUSY), NAME(EEXIST), NAME(EINVAL), NAME(ENFILE), NAME(EMFILE),
	NAME(ENOTTY), NAME(ENOSPC), NAME(ESPIPE), NAME(EPIPE), NAME(ENOSYS), NAME(ENOTSOCK),
	NAME(EDESTADDRREQ), NAME(EMSGSIZE), NAME(EPROTOTYPE), NAME(ENOPROTOOPT),
	NAME(EPROTONOSUPPORT), NAME(EOPNOTSUPP), NAME(EAFNOSUPPORT), NAME(EADDRINUSE),
	NAME(EADDRNOTAVAIL), NAME(ENETDOWN), NAME(ENETUNREACH), NAME(ENETRESET), NAME(ECONNABORTED),
	NAME(ECONNRESET), NAME(ENOBUFS), NAME(EISCONN), NAME(ENOTCONN), NAME(ESHUTDOWN),
	NAME(ETIMEDOUT), NAME(ECONNREFUSED), NAME(EHOSTDOWN), NAME(EHOSTUNREACH), NAME(EALREADY),
	NAME(EINPROGRESS), NAME(ECANCELED)};

static const struct name signal_table[] = {NAME(SIGHUP), NAME(SIGINT), NAME(SIGQUIT), NAME(SIGILL),
	NAME(SIGTRAP), NAME(SIGABRT), NAME(SIGBUS), NAME(SIGFPE), NAME(SIGKILL), NAME(SIGUSR1),
	NAME(SIGSEGV), NAME(SIGUSR2), NAME(SIGPIPE), NAME(SIGALRM), NAME(SIGTERM), NAME(SIGXCPU),
	NAME(SIGXFSZ), NAME(SIGSYS)};

/* Levels by every name that versions of strace have for them. */
static const struct name level_table[] = {NAME(SOL_SOCKET), NAME(SOL_TCP), NAME(IPPROTO_TCP),
	NAME(SOL_IP), NAME(IPPROTO_IP), NAME(SOL_IPV6), NAME(IPPROTO_IPV6)};

static const struct option_name {
	const char *name;
	int level, number, id;
} option_names[] = {
#define OPTION(id, text, level, optname, ...) {#id, level, optname, OPTION_##id},
#include "rules/option_table.h"
#undef OPTION
	{"SO_ERROR", SOL_SOCKET, SO_ERROR, -1},
	{"SO_TYPE", SOL_SOCKET, SO_TYPE, -1},
	{"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, -1},
	{"TCP_INFO", IPPROTO_TCP, TCP_INFO, -1},
};

static int find(const struct name *table, size_t names, const char *name, size_t length, int none)
{
	for (size_t i = 0; i < names; i++)
		if (strncmp(table[i].name, name, length) == 0 && !table[i].name[length])
			return table[i].number;
	return none;
}

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

int strace_errno(const char *name, size_t length)
{
	return find(error_table, COUNT(error_table), name, length, EIO);
}

int strace_signal(const char *name, size_t length)
{
	return find(signal_table, COUNT(signal_table), name, length, 0);
}

uint32_t strace_option(const char *level, const char *name, int *id)
{
	const int number = find(level_table, COUNT(level_table), level, strlen(level), -1);

	*id = -1;
	for (size_t i = 0; i < COUNT(option_names); i++)
		if (option_names[i].level == number && strcmp(option_names[i].name, name) == 0) {
			*id = option_names[i].id;
			return (uint32_t)number << 16 | (uint16_t)option_names[i].number;
		}
	return 0;
}
