/* Hooks of setsockopt, getsockopt, ioctl and fcntl, by their names and by their numbers. What the
 * program sets reaches the kernel first and its answer stands; what we make of it comes after.
 * Thin: settle/program.c decides.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>

#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/hook/raw.h"
#include "shim/record/call.h"
#include "shim/settle/settle.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif

/* ---- setsockopt, getsockopt ---- */

/* Options that change when held bytes leave, or whether: those leave first. */
static bool changes_sending(int level, int name)
{
	if (level == SOL_SOCKET)
		return name == SO_LINGER;
	return level == IPPROTO_TCP &&
	       (name == TCP_CORK || name == TCP_ULP || name == TCP_REPAIR || name == TCP_NODELAY);
}

static void set_begin(struct call *call, int fd, int level, int name)
{
	struct flow *flow = flow_of(fd);

	if (flow && changes_sending(level, name))
		flow_push(flow);
	if (flow)
		settle_program_sets(flow, fd, level, name);
	call_begin(call, TRACE_SETSOCKOPT, flow, fd, 0);
}

static int set_end(const struct call *call, int result, int level, int name, const void *value,
	socklen_t length)
{
	call_end_option(call, result, level, name, value, length);
	if (call->flow && result == 0)
		settle_program_set(call->flow, call->fd, level, name);
	return result;
}

EXPORT int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	struct call call;

	set_begin(&call, fd, level, name);
	return set_end(&call, real()->setsockopt(fd, level, name, value, length), level, name,
		value, length);
}

#ifdef __i386__
EXPORT int __setsockopt64(int fd, int level, int name, const void *value, socklen_t length)
{
	struct call call;

	set_begin(&call, fd, level, name);
	return set_end(&call, real()->__setsockopt64(fd, level, name, value, length), level, name,
		value, length);
}
#endif

long raw_setsockopt(const struct raw *raw)
{
	const int level = (int)raw->a[1], name = (int)raw->a[2];
	struct call call;

	set_begin(&call, (int)raw->a[0], level, name);
	return set_end(&call, (int)raw_call(raw), level, name, (const void *)raw->a[3],
		(socklen_t)raw->a[4]);
}

static int get_end(
	const struct call *call, int result, int level, int name, void *value, socklen_t *length)
{
	call_end_option(call, result, level, name, value, result == 0 ? *length : 0);
	if (call->flow && result == 0)
		settle_program_get(call->flow, level, name, value, length);
	return result;
}

EXPORT int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict length)
{
	struct call call;

	call_begin(&call, TRACE_GETSOCKOPT, flow_of(fd), fd, 0);
	return get_end(&call, real()->getsockopt(fd, level, name, value, length), level, name,
		value, length);
}

#ifdef __i386__
EXPORT int __getsockopt64(int fd, int level, int name, void *value, socklen_t *length)
{
	struct call call;

	call_begin(&call, TRACE_GETSOCKOPT, flow_of(fd), fd, 0);
	return get_end(&call, real()->__getsockopt64(fd, level, name, value, length), level, name,
		value, length);
}
#endif

long raw_getsockopt(const struct raw *raw)
{
	struct call call;

	call_begin(&call, TRACE_GETSOCKOPT, flow_of((int)raw->a[0]), (int)raw->a[0], 0);
	return get_end(&call, (int)raw_call(raw), (int)raw->a[1], (int)raw->a[2], (void *)raw->a[3],
		(socklen_t *)raw->a[4]);
}

/* ---- ioctl ---- */

/* Of a request the kernel takes 32 bits (fs/ioctl.c), and musl's caller gives no more. */
static void ioctl_begin(struct call *call, int fd, unsigned request)
{
	flow_asking(fd, request);
	call_begin(call, TRACE_IOCTL, call_flow_of(fd), fd, 0);
}

static int ioctl_end(const struct call *call, int result, unsigned request, const void *argument)
{
	call_end(call, result, request, 0);
	if (request == FIONBIO && result == 0)
		flow_nonblocking(call->fd, *(const int *)argument != 0);
	if ((request == FIOCLEX || request == FIONCLEX) && result == 0)
		flow_closes_on_exec(call->fd, request == FIOCLEX);
	return result;
}

#define IOCTL(name)                                                                                \
	EXPORT int name(int fd, unsigned long request, ...)                                        \
	{                                                                                          \
		struct call call;                                                                  \
		va_list args;                                                                      \
		void *argument;                                                                    \
                                                                                                   \
		va_start(args, request);                                                           \
		argument = va_arg(args, void *);                                                   \
		va_end(args);                                                                      \
		ioctl_begin(&call, fd, request);                                                   \
		return ioctl_end(&call, real()->name(fd, request, argument), request, argument);   \
	}
IOCTL(ioctl)
#ifdef __i386__
IOCTL(__ioctl_time64)
#endif

long raw_ioctl(const struct raw *raw)
{
	struct call call;

	ioctl_begin(&call, (int)raw->a[0], (unsigned long)raw->a[1]);
	return ioctl_end(
		&call, (int)raw_call(raw), (unsigned long)raw->a[1], (const void *)raw->a[2]);
}

/* ---- fcntl ---- */

static void fcntl_begin(int command)
{
	if (command == F_SETLKW || command == F_OFD_SETLKW)
		flow_wait();
}

static int fcntl_end(int fd, int command, intptr_t argument, int result)
{
	if (result < 0)
		return result;
	if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		flow_duplicated(fd, result);
	if (command == F_DUPFD_CLOEXEC)
		flow_closes_on_exec(result, true);
	else if (command == F_SETFD)
		flow_closes_on_exec(fd, argument & FD_CLOEXEC);
	else if (command == F_SETFL)
		flow_nonblocking(fd, argument & O_NONBLOCK);
	return result;
}

#define FCNTL(name)                                                                                \
	EXPORT int name(int fd, int command, ...)                                                  \
	{                                                                                          \
		va_list args;                                                                      \
		void *argument;                                                                    \
                                                                                                   \
		va_start(args, command);                                                           \
		argument = va_arg(args, void *);                                                   \
		va_end(args);                                                                      \
		fcntl_begin(command);                                                              \
		return fcntl_end(                                                                  \
			fd, command, (intptr_t)argument, real()->name(fd, command, argument));     \
	}
FCNTL(fcntl)
FCNTL(fcntl64)
#ifdef __i386__
FCNTL(__fcntl_time64)
#endif

long raw_fcntl(const struct raw *raw)
{
	fcntl_begin((int)raw->a[1]);
	return fcntl_end((int)raw->a[0], (int)raw->a[1], raw->a[2], (int)raw_call(raw));
}
