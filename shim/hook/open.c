/* Hooks of the calls that make and name sockets. Thin: no decision is made here.
 */
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/load/loader.h"
#include "shim/real.h"

EXPORT int socket(int domain, int type, int protocol)
{
	int fd;

	loader_moment();
	fd = real()->socket(domain, type, protocol);
	if (fd >= 0)
		flow_opened(fd, domain, type, protocol);
	return fd;
}

/* Descriptors may be sent on these. Numbers that were closed before would be nothing of interest.
 */
EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
	int result;

	loader_moment();
	result = real()->socketpair(domain, type, protocol, fds);
	if (result == 0) {
		flow_opened(fds[0], domain, type, protocol);
		flow_opened(fds[1], domain, type, protocol);
	}
	return result;
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	const struct flow *flow;
	int result;

	loader_moment();
	flow = flow_connecting(fd, address, length);
	flow_wait_on(fd);
	result = real()->connect(fd, address, length);
	if (result == 0)
		flow_connected(fd, flow, address, length);
	return result;
}

EXPORT int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	flow_binding(fd, address, length);
	return real()->bind(fd, address, length);
}

EXPORT int listen(int fd, int backlog)
{
	return real()->listen(fd, flow_listening(fd, backlog));
}

EXPORT int accept(int listener, struct sockaddr *restrict address, socklen_t *restrict length)
{
	int fd;

	flow_wait_on(listener);
	fd = real()->accept(listener, address, length);
	if (fd >= 0)
		flow_accepted(listener, fd, 0);
	return fd;
}

EXPORT int accept4(
	int listener, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
	int fd;

	flow_wait_on(listener);
	fd = real()->accept4(listener, address, length, flags);
	if (fd >= 0)
		flow_accepted(listener, fd, flags);
	return fd;
}

EXPORT int pidfd_getfd(int pidfd, int theirs, unsigned int flags)
{
	int fd = real()->pidfd_getfd(pidfd, theirs, flags);

	if (fd >= 0)
		flow_arrived(fd);
	return fd;
}
