/* Hooks of setsockopt, getsockopt, ioctl and fcntl. What the program sets reaches the kernel first
 * and its answer stands; what we make of it comes after. Thin: settle/program.c decides.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>

#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/real.h"
#include "shim/settle/settle.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif

/* Options that change when held bytes leave, or whether: those leave first. */
static bool changes_sending(int level, int name)
{
	if (level == SOL_SOCKET)
		return name == SO_LINGER;
	return level == IPPROTO_TCP &&
	       (name == TCP_CORK || name == TCP_ULP || name == TCP_REPAIR || name == TCP_NODELAY);
}

EXPORT int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	struct flow *flow = flow_of(fd);
	int result;

	if (flow && changes_sending(level, name))
		flow_push(flow);
	if (flow)
		settle_program_sets(flow, fd, level, name);
	result = real()->setsockopt(fd, level, name, value, length);
	if (flow && result == 0)
		settle_program_set(flow, fd, level, name);
	return result;
}

EXPORT int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict length)
{
	struct flow *flow = flow_of(fd);
	int result = real()->getsockopt(fd, level, name, value, length);

	if (flow && result == 0)
		settle_program_get(flow, level, name, value, length);
	return result;
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *argument;
	int result;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	flow_asking(fd, request);
	result = real()->ioctl(fd, request, argument);
	if (request == FIONBIO && result == 0)
		flow_nonblocking(fd, *(const int *)argument != 0);
	if ((request == FIOCLEX || request == FIONCLEX) && result == 0)
		flow_closes_on_exec(fd, request == FIOCLEX);
	return result;
}

static void fcntl_begin(int command)
{
	if (command == F_SETLKW || command == F_OFD_SETLKW)
		flow_wait();
}

static void fcntl_end(int fd, int command, intptr_t argument, int result)
{
	if (result < 0)
		return;
	if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		flow_duplicated(fd, result);
	if (command == F_DUPFD_CLOEXEC)
		flow_closes_on_exec(result, true);
	else if (command == F_SETFD)
		flow_closes_on_exec(fd, argument & FD_CLOEXEC);
	else if (command == F_SETFL)
		flow_nonblocking(fd, argument & O_NONBLOCK);
}

EXPORT int fcntl(int fd, int command, ...)
{
	va_list args;
	void *argument;
	int result;

	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	fcntl_begin(command);
	result = real()->fcntl(fd, command, argument);
	fcntl_end(fd, command, (intptr_t)argument, result);
	return result;
}

EXPORT int fcntl64(int fd, int command, ...)
{
	va_list args;
	void *argument;
	int result;

	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	fcntl_begin(command);
	result = real()->fcntl64(fd, command, argument);
	fcntl_end(fd, command, (intptr_t)argument, result);
	return result;
}
