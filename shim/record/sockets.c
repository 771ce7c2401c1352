/* Recorded calls that make, name, set and end sockets. Values of the program are looked at only
 * after the kernel has. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "shim/record/calls.h"
#include "shim/record/io.h"

/* socket() and accept(): the event follows once it is known what was made. */
static int have_made(unsigned call, int fd, uint64_t start, uint32_t asked)
{
	if (fd < 0)
		return fd;
	trace_made.start = start;
	trace_made.end = trace_clock();
	trace_made.asked = asked;
	trace_made.call = (uint8_t)call;
	trace_made.fd = fd;
	return fd;
}

static int traced_socket(int domain, int type, int protocol)
{
	uint64_t start = trace_clock();

	return have_made(
		TRACE_SOCKET, libc()->socket(domain, type, protocol), start, (uint32_t)domain);
}

static int have_accepted(const struct trace_io *io, int fd)
{
	if (fd >= 0)
		return have_made(io->call, fd, io->start, 0);
	if (io->flow && trace_file_ready())
		trace_io_other(io, fd, 0, 0);
	return fd;
}

static int traced_accept(
	int listener, struct sockaddr *restrict address, socklen_t *restrict length)
{
	struct trace_io io = trace_io_begin(TRACE_ACCEPT, listener, 0);

	return have_accepted(&io, libc()->accept(listener, address, length));
}

static int traced_accept4(
	int listener, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_ACCEPT4, listener, 0);

	return have_accepted(&io, libc()->accept4(listener, address, length, flags));
}

static int traced_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct trace_io io = trace_io_begin(TRACE_CONNECT, fd, 0);
	uint64_t start = clock_now();
	int result, error;

	if (!io.flow || !trace_enter(io.flow, fd))
		return libc()->connect(fd, address, length);
	io.start = trace_counters ? 0 : start;
	result = libc()->connect(fd, address, length);
	error = result < 0 ? errno : 0;
	trace_io_other(&io, result, 0, 0);
	trace_connected(io.flow, fd, start, error);
	return result;
}

static int other(const struct trace_io *io, int result, uint64_t asked, uint64_t done)
{
	if (io->flow)
		trace_io_other(io, result, asked, done);
	return result;
}

static int traced_bind(int fd, const struct sockaddr *address, socklen_t length)
{
	struct trace_io io = trace_io_begin(TRACE_BIND, fd, 0);

	return other(&io, libc()->bind(fd, address, length), 0, 0);
}

static int traced_listen(int fd, int backlog)
{
	struct trace_io io = trace_io_begin(TRACE_LISTEN, fd, 0);
	int result = libc()->listen(fd, backlog);

	if (!io.flow)
		return result;
	trace_io_other(&io, result, trace_of(io.flow)->backlog, 0);
	trace_listens(io.flow, fd);
	return result;
}

static int traced_shutdown(int fd, int how)
{
	struct trace_io io = trace_io_begin(TRACE_SHUTDOWN, fd, 0);

	return other(&io, libc()->shutdown(fd, how), (uint64_t)how, 0);
}

/* The flow is gone when the call comes here; what it was is left in trace_closing. */
static void add_close(uint64_t start, int result)
{
	struct trace_note note = {.call = TRACE_CLOSE,
		.error = result < 0 ? errno : 0,
		.flow = trace_closing.flow,
		.start = start,
		.end = trace_clock()};

	trace_closing.fd = -1;
	trace_add(&note);
}

static int traced_close(int fd)
{
	bool ours = trace_closing.fd == fd && fd >= 0;
	uint64_t start = ours ? trace_clock() : 0;
	int result = libc()->close(fd);

	if (ours)
		add_close(start, result);
	return result;
}

static int traced_fclose(FILE *stream)
{
	bool ours = stream && trace_closing.fd >= 0 && trace_closing.fd == fileno_unlocked(stream);
	uint64_t start = ours ? trace_clock() : 0;
	int result = libc()->fclose(stream);

	if (ours)
		add_close(start, result);
	return result;
}

/* Many at once: their connections have their times, the call is not theirs. */
static int traced_close_range(unsigned int first, unsigned int last, int flags)
{
	trace_closing.fd = -1;
	return libc()->close_range(first, last, flags);
}

static void traced_closefrom(int first)
{
	trace_closing.fd = -1;
	libc()->closefrom(first);
}

/* The last look at what a dup2 ends. */
static void is_replacing(int of, int to)
{
	struct flow *flow = of != to ? trace_flow_of(to) : NULL;

	if (!flow)
		return;
	trace_closing_flow(flow, to);
	trace_closing.fd = -1;
}

static int copied(const struct trace_io *io, int copy)
{
	return other(io, copy, 0, copy >= 0 ? (uint64_t)copy : 0);
}

static int traced_dup(int fd)
{
	struct trace_io io = trace_io_begin(TRACE_DUP, fd, 0);

	return copied(&io, libc()->dup(fd));
}

static int traced_dup2(int fd, int to)
{
	struct trace_io io = trace_io_begin(TRACE_DUP, fd, 0);

	is_replacing(fd, to);
	return copied(&io, libc()->dup2(fd, to));
}

static int traced_dup3(int fd, int to, int flags)
{
	struct trace_io io = trace_io_begin(TRACE_DUP, fd, 0);

	is_replacing(fd, to);
	return copied(&io, libc()->dup3(fd, to, flags));
}

static int value_of(const void *value, socklen_t length)
{
	int number = 0;

	if (length == sizeof(number))
		memcpy(&number, value, sizeof(number));
	return number;
}

static uint64_t name_of(int level, int name)
{
	return (uint64_t)(uint32_t)level << 16 | (uint16_t)name;
}

static int traced_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	struct trace_io io = trace_io_begin(TRACE_SETSOCKOPT, fd, 0);
	int result = libc()->setsockopt(fd, level, name, value, length), number;

	if (!io.flow)
		return result;
	number = result == 0 ? value_of(value, length) : 0;
	if (result == 0 && level == IPPROTO_TCP && name == TCP_NODELAY)
		trace_of(io.flow)->nodelay = number != 0;
	trace_io_other(&io, result, name_of(level, name), (uint32_t)number);
	return result;
}

static int traced_getsockopt(
	int fd, int level, int name, void *restrict value, socklen_t *restrict length)
{
	struct trace_io io = trace_io_begin(TRACE_GETSOCKOPT, fd, 0);
	int result = libc()->getsockopt(fd, level, name, value, length), number;

	if (!io.flow)
		return result;
	number = result == 0 ? value_of(value, *length) : 0;
	trace_io_other(&io, result, name_of(level, name), (uint32_t)number);
	if (result == 0 && trace_of(io.flow)->connecting && level == SOL_SOCKET && name == SO_ERROR)
		trace_may_be_connected(io.flow, fd, false, number);
	return result;
}

static int traced_ioctl(int fd, unsigned long request, ...)
{
	struct trace_io io = trace_io_begin(TRACE_IOCTL, fd, 0);
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	return other(&io, libc()->ioctl(fd, request, argument), request, 0);
}

void trace_sockets_install(struct real *table)
{
	TRACE_INSTALL(table, socket);
	TRACE_INSTALL(table, connect);
	TRACE_INSTALL(table, bind);
	TRACE_INSTALL(table, listen);
	TRACE_INSTALL(table, accept);
	TRACE_INSTALL(table, accept4);
	TRACE_INSTALL(table, shutdown);
	TRACE_INSTALL(table, close);
	TRACE_INSTALL(table, fclose);
	TRACE_INSTALL(table, close_range);
	TRACE_INSTALL(table, closefrom);
	TRACE_INSTALL(table, dup);
	TRACE_INSTALL(table, dup2);
	TRACE_INSTALL(table, dup3);
	TRACE_INSTALL(table, setsockopt);
	TRACE_INSTALL(table, getsockopt);
	TRACE_INSTALL(table, ioctl);
}
