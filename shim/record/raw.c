/* Recorded syscall(2): reads and writes by their raw numbers, which the hook leaves as they are,
 * and execs, whose program may come up without the library. Numbers that no event stands for are
 * passed on. */
#include <stdarg.h>
#include <sys/syscall.h>

#include "shim/record/calls.h"
#include "shim/record/epoll.h"
#include "shim/record/exec.h"
#include "shim/record/io.h"

struct raw {
	long number;
	long a[6];
};

static long raw_call(const struct raw *raw)
{
	return libc()->syscall(
		raw->number, raw->a[0], raw->a[1], raw->a[2], raw->a[3], raw->a[4], raw->a[5]);
}

static long raw_io(const struct raw *raw, unsigned call, int flags, size_t asked)
{
	struct trace_io io = trace_io_begin(call, (int)raw->a[0], flags);
	long got = raw_call(raw);

	if (!io.flow)
		return got;
	io.extra = trace_hash_of((const void *)raw->a[1]);
	return call < TRACE_READ ? trace_io_write(&io, got, asked) : trace_io_read(&io, got, asked);
}

static long raw_epoll_ctl(const struct raw *raw)
{
	const long got = raw_call(raw);

	if (got == 0 && !trace_counters)
		trace_epoll_learn((int)raw->a[0], (int)raw->a[1], (int)raw->a[2],
			(const struct epoll_event *)raw->a[3]);
	return got;
}

static long raw_exec(const struct raw *raw, long program)
{
	const unsigned place = trace_exec_begin((const char *)program, false);
	const long got = raw_call(raw);

	trace_exec_failed(place);
	return got;
}

static long traced_syscall(long number, ...)
{
	struct raw raw = {.number = number};
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		raw.a[i] = va_arg(args, long);
	va_end(args);
	switch (number) {
	case SYS_write:
		return raw_io(&raw, TRACE_WRITE, 0, (size_t)raw.a[2]);
	case SYS_writev:
		return raw_io(&raw, TRACE_WRITEV, 0, 0);
	case SYS_sendto:
		return raw_io(&raw, TRACE_SENDTO, (int)raw.a[3], (size_t)raw.a[2]);
	case SYS_sendmsg:
		return raw_io(&raw, TRACE_SENDMSG, (int)raw.a[2], 0);
	case SYS_sendfile:
		return raw_io(&raw, TRACE_SENDFILE, 0, (size_t)raw.a[3]);
	case SYS_read:
		return raw_io(&raw, TRACE_READ, 0, (size_t)raw.a[2]);
	case SYS_readv:
		return raw_io(&raw, TRACE_READV, 0, 0);
	case SYS_recvfrom:
		return raw_io(&raw, TRACE_RECVFROM, (int)raw.a[3], (size_t)raw.a[2]);
	case SYS_recvmsg:
		return raw_io(&raw, TRACE_RECVMSG, (int)raw.a[2], 0);
	case SYS_epoll_ctl:
		return raw_epoll_ctl(&raw);
	case SYS_execve:
		return raw_exec(&raw, raw.a[0]);
	case SYS_execveat:
		return raw_exec(&raw, raw.a[1]);
	case SYS_close: /* its connection has its time, the call is not told */
		trace_closing.fd = -1;
		return raw_call(&raw);
	default:
		return raw_call(&raw);
	}
}

void trace_raw_install(struct real *table)
{
	TRACE_INSTALL(table, syscall);
}
