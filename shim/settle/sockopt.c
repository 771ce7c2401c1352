/* setsockopt and getsockopt for ourselves, by way of libc's own.
 *
 * The only file that sets an option that the program did not ask for. Every function keeps errno.
 */
#include "shim/settle/sockopt.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>

#include "shim/base/fault.h"
#include "shim/base/kernel.h"
#include "shim/base/page.h"
#include "shim/real.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72 /* Linux 5.14 */
#endif

static int set(int fd, int level, int name, const void *value, size_t length)
{
	int saved = errno;
	int result = OURS(libc()->setsockopt(fd, level, name, value, (socklen_t)length)) == 0
			     ? 0
			     : -errno;

	errno = saved;
	return result;
}

static int set_int(int fd, int level, int name, int value)
{
	return set(fd, level, name, &value, sizeof(value));
}

/* The kernel's name of an option on this family. */
static void name_on(bool v6, int id, int *level, int *name)
{
	*level = option_table[id].level;
	*name = option_table[id].optname;
	if (v6 && id == OPTION_IP_TOS) {
		*level = IPPROTO_IPV6;
		*name = IPV6_TCLASS;
	}
}

/* A size that a program set stays as it is, but the kernel may tune it again (socket(7) does not
 * say; net/core/sock.c, SO_BUF_LOCK). */
static int unlock_buffer(int fd, int id)
{
	int bit = id == OPTION_SO_SNDBUF ? 1 : 2; /* SOCK_SNDBUF_LOCK, SOCK_RCVBUF_LOCK */
	int locks, saved = errno;
	socklen_t length = sizeof(locks);

	if (OURS(libc()->getsockopt(fd, SOL_SOCKET, SO_BUF_LOCK, &locks, &length)) != 0) {
		int error = -errno;

		errno = saved;
		return error;
	}
	return set_int(fd, SOL_SOCKET, SO_BUF_LOCK, locks & ~bit);
}

int sockopt_set(int fd, bool v6, int id, const struct value *value)
{
	struct linger off = {0, 0};
	unsigned char bytes[16];
	size_t length = option_encode(id, value, bytes);
	int level, name, result;

	name_on(v6, id, &level, &name);
	if (value->kind == VALUE_UNDO)
		return id == OPTION_SO_LINGER ? set(fd, level, name, &off, sizeof(off))
					      : unlock_buffer(fd, id);
	if (length == 0)
		return 0;
	result = set(fd, level, name, bytes, length);
	/* Before Linux 4.20 the rate is an unsigned int. */
	if (result == -EINVAL && option_table[id].type == TYPE_RATE)
		result = set_int(
			fd, level, name, (int)(value->number > UINT32_MAX ? -1 : value->number));
	return result;
}

int sockopt_get(int fd, bool v6, int id, unsigned char out[16])
{
	socklen_t length = 16;
	int level, name, saved = errno, result;

	name_on(v6, id, &level, &name);
	result =
		OURS(libc()->getsockopt(fd, level, name, out, &length)) == 0 ? (int)length : -errno;
	errno = saved;
	return result;
}

int sockopt_restore(int fd, bool v6, int id, const void *bytes, uint32_t length)
{
	int level, name;

	name_on(v6, id, &level, &name);
	return set(fd, level, name, bytes, length);
}

int sockopt_push(int fd)
{
	return set_int(fd, IPPROTO_TCP, TCP_CORK, 0);
}

bool sockopt_is_tcp(int fd)
{
	unsigned char bytes[16];

	return sockopt_get(fd, false, OPTION_TCP_CORK, bytes) >= 0;
}

void sockopt_cork(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_CORK, 1);
}

int sockopt_nodelay(int fd, int on)
{
	return set_int(fd, IPPROTO_TCP, TCP_NODELAY, on);
}

void sockopt_quickack(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}

static SELDOM _Atomic bool cookie_told;

/* 0 and its cookie, or the errno and 0. */
static int ask_cookie(int fd, uint64_t *cookie)
{
	socklen_t length = sizeof(*cookie);
	long result;

	*cookie = 0;
	result = kernel_call(SYS_getsockopt, fd, SOL_SOCKET, SO_COOKIE, cookie, &length);

	if (result == 0 && !atomic_load_explicit(&cookie_told, memory_order_relaxed))
		atomic_store_explicit(&cookie_told, true, memory_order_relaxed);
	return (int)-result;
}

uint64_t sockopt_cookie(int fd)
{
	uint64_t cookie;

	ask_cookie(fd, &cookie);
	return cookie;
}

int sockopt_cookie_again(int fd, uint64_t *cookie)
{
	const int error = ask_cookie(fd, cookie);

	return atomic_load_explicit(&cookie_told, memory_order_relaxed) ? error : 0;
}

bool sockopt_answers(int fd)
{
	int type;
	socklen_t length = sizeof(type);

	return kernel_call(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
}

size_t sockopt_info(int fd, struct tcp_info *info)
{
	socklen_t length = sizeof(*info);

	*info = (struct tcp_info){0};
	return kernel_call(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, info, &length) == 0 ? length
											  : 0;
}

uint64_t sockopt_min_rtt(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);
	int saved = errno;

	/* Before Linux 4.6 the answer is shorter and the field stays 0. */
	OURS(libc()->getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length));
	errno = saved;
	return info.tcpi_min_rtt == UINT32_MAX ? 0 : info.tcpi_min_rtt * UINT64_C(1000);
}
