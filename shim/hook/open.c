/* Hooks of the calls that make and name sockets, by their names and by their numbers. Thin: no
 * decision is made here.
 */
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/hook/raw.h"
#include "shim/load/loader.h"
#include "shim/record/call.h"

/* ---- socket, socketpair ---- */

static void socket_begin(struct call *call)
{
	loader_moment();
	call_begin_making(call, TRACE_SOCKET, NULL, -1);
}

static int socket_end(struct call *call, int fd, int domain, int type, int protocol)
{
	call_over(call);
	if (fd >= 0)
		flow_opened(fd, domain, type, protocol);
	call_end_opened(call, fd, domain);
	return fd;
}

EXPORT int socket(int domain, int type, int protocol)
{
	struct call call;

	socket_begin(&call);
	return socket_end(&call, real()->socket(domain, type, protocol), domain, type, protocol);
}

long raw_socket(const struct raw *raw)
{
	struct call call;

	socket_begin(&call);
	return socket_end(
		&call, (int)raw_call(raw), (int)raw->a[0], (int)raw->a[1], (int)raw->a[2]);
}

/* Descriptors may be sent on these. Numbers that were closed before would be nothing of interest.
 */
static int have_pair(int result, int domain, int type, int protocol, const int fds[2])
{
	for (int i = 0; result == 0 && i < 2; i++)
		flow_opened(fds[i], domain, type, protocol);
	return result;
}

EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
	loader_moment();
	return have_pair(
		real()->socketpair(domain, type, protocol, fds), domain, type, protocol, fds);
}

long raw_socketpair(const struct raw *raw)
{
	loader_moment();
	return have_pair((int)raw_call(raw), (int)raw->a[0], (int)raw->a[1], (int)raw->a[2],
		(const int *)raw->a[3]);
}

/* ---- connect ---- */

static void connect_begin(
	struct call *call, int fd, const struct sockaddr *address, socklen_t length)
{
	struct flow *flow;

	loader_moment();
	flow = flow_connecting(fd, address, length);
	flow_wait_on(fd);
	call_begin_connect(call, flow, fd);
}

static int connect_end(
	const struct call *call, int result, const struct sockaddr *address, socklen_t length)
{
	call_end_connect(call, result);
	if (result == 0)
		flow_connected(call->fd, call->flow, address, length);
	return result;
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct call call;

	connect_begin(&call, fd, address, length);
	return connect_end(&call, real()->connect(fd, address, length), address, length);
}

long raw_connect(const struct raw *raw)
{
	const struct sockaddr *address = (const struct sockaddr *)raw->a[1];
	struct call call;

	connect_begin(&call, (int)raw->a[0], address, (socklen_t)raw->a[2]);
	return connect_end(&call, (int)raw_call(raw), address, (socklen_t)raw->a[2]);
}

/* ---- bind, listen ---- */

static void bind_begin(struct call *call, int fd, const struct sockaddr *address, socklen_t length)
{
	flow_binding(fd, address, length);
	call_begin(call, TRACE_BIND, call_flow_of(fd), fd, 0);
}

static int bind_end(const struct call *call, int result)
{
	call_end(call, result, 0, 0);
	return result;
}

EXPORT int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	struct call call;

	bind_begin(&call, fd, address, length);
	return bind_end(&call, real()->bind(fd, address, length));
}

long raw_bind(const struct raw *raw)
{
	struct call call;

	bind_begin(&call, (int)raw->a[0], (const struct sockaddr *)raw->a[1], (socklen_t)raw->a[2]);
	return bind_end(&call, (int)raw_call(raw));
}

/* Returns the backlog that the kernel is to get. */
static int listen_begin(struct call *call, int fd, int backlog)
{
	const int passed_on = flow_listening(fd, backlog);

	call_begin(call, TRACE_LISTEN, call_flow_of(fd), fd, 0);
	return passed_on;
}

static int listen_end(const struct call *call, int result)
{
	call_end_listen(call, result);
	return result;
}

EXPORT int listen(int fd, int backlog)
{
	struct call call;

	backlog = listen_begin(&call, fd, backlog);
	return listen_end(&call, real()->listen(fd, backlog));
}

long raw_listen(const struct raw *raw)
{
	struct raw passed_on = *raw;
	struct call call;

	passed_on.a[1] = listen_begin(&call, (int)raw->a[0], (int)raw->a[1]);
	return listen_end(&call, (int)raw_call(&passed_on));
}

/* ---- accept ---- */

static void accept_begin(struct call *call, unsigned what, int listener)
{
	flow_wait_on(listener);
	call_begin_making(call, what, call_flow_of(listener), listener);
}

static int accept_end(struct call *call, int fd, int flags)
{
	call_over(call);
	if (fd >= 0)
		flow_accepted(call->fd, fd, flags);
	call_end_accepted(call, fd);
	return fd;
}

EXPORT int accept(int listener, struct sockaddr *restrict address, socklen_t *restrict length)
{
	struct call call;

	accept_begin(&call, TRACE_ACCEPT, listener);
	return accept_end(&call, real()->accept(listener, address, length), 0);
}

EXPORT int accept4(
	int listener, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
	struct call call;

	accept_begin(&call, TRACE_ACCEPT4, listener);
	return accept_end(&call, real()->accept4(listener, address, length, flags), flags);
}

#ifdef __NR_accept
long raw_accept(const struct raw *raw)
{
	struct call call;

	accept_begin(&call, TRACE_ACCEPT, (int)raw->a[0]);
	return accept_end(&call, (int)raw_call(raw), 0);
}
#endif

long raw_accept4(const struct raw *raw)
{
	struct call call;

	accept_begin(&call, TRACE_ACCEPT4, (int)raw->a[0]);
	return accept_end(&call, (int)raw_call(raw), (int)raw->a[3]);
}

static int have_fetched(int fd)
{
	if (fd >= 0)
		flow_arrived(fd);
	return fd;
}

EXPORT int pidfd_getfd(int pidfd, int theirs, unsigned int flags)
{
	return have_fetched(real()->pidfd_getfd(pidfd, theirs, flags));
}

long raw_pidfd_getfd(const struct raw *raw)
{
	return have_fetched((int)raw_call(raw));
}
