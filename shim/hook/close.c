/* Hooks of the calls that end or copy descriptors, by their names and by their numbers. The table
 * changes before a descriptor can be used again by another thread: before a close, after a dup.
 * Thin: flow/life.c decides.
 */
#include <errno.h>
#include <linux/close_range.h>

#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/hook/raw.h"
#include "shim/record/call.h"

/* ---- close ---- */

static void close_begin(struct call *call, int fd)
{
	call_begin(call, TRACE_CLOSE, call_flow_of(fd), fd, 0);
	flow_closing(fd);
}

static int close_end(const struct call *call, int result)
{
	call_end_close(call, result);
	return result;
}

EXPORT int close(int fd)
{
	struct call call;

	close_begin(&call, fd);
	return close_end(&call, real()->close(fd));
}

long raw_close(const struct raw *raw)
{
	struct call call;

	close_begin(&call, (int)raw->a[0]);
	return close_end(&call, (int)raw_call(raw));
}

/* A stream in memory has no descriptor, and is no error. */
static int descriptor_of(FILE *stream)
{
	int saved = errno, fd = stream ? fileno_unlocked(stream) : -1;

	errno = saved;
	return fd;
}

EXPORT int fclose(FILE *stream)
{
	const int fd = descriptor_of(stream);
	struct call call;

	if (fd < 0)
		return real()->fclose(stream);
	close_begin(&call, fd);
	return close_end(&call, real()->fclose(stream));
}

EXPORT int fcloseall(void)
{
	flow_push_all();
	return real()->fcloseall();
}

/* ---- many at once: their connections have their times, the call is not theirs ---- */

static void close_many(unsigned first, unsigned last, unsigned flags)
{
	if (!(flags & ~CLOSE_RANGE_UNSHARE))
		flow_closing_range(first, last);
}

EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	close_many(first, last, (unsigned)flags);
	return real()->close_range(first, last, flags);
}

long raw_close_range(const struct raw *raw)
{
	close_many((unsigned)raw->a[0], (unsigned)raw->a[1], (unsigned)raw->a[2]);
	return raw_call(raw);
}

EXPORT void closefrom(int first)
{
	flow_closing_range(first < 0 ? 0 : (unsigned)first, ~0u);
	real()->closefrom(first);
}

/* ---- shutdown ---- */

static void shutdown_begin(struct call *call, int fd, int how)
{
	struct flow *flow = flow_of(fd);

	if (flow)
		flow_ending(flow, how);
	call_begin(call, TRACE_SHUTDOWN, flow, fd, 0);
}

static int shutdown_end(const struct call *call, int result, int how)
{
	call_end(call, result, (uint64_t)how, 0);
	return result;
}

EXPORT int shutdown(int fd, int how)
{
	struct call call;

	shutdown_begin(&call, fd, how);
	return shutdown_end(&call, real()->shutdown(fd, how), how);
}

long raw_shutdown(const struct raw *raw)
{
	struct call call;

	shutdown_begin(&call, (int)raw->a[0], (int)raw->a[1]);
	return shutdown_end(&call, (int)raw_call(raw), (int)raw->a[1]);
}

/* ---- dup ---- */

static void dup_begin(struct call *call, int fd)
{
	call_begin(call, TRACE_DUP, call_flow_of(fd), fd, 0);
}

static void dup_over_begin(struct call *call, int fd, int to)
{
	flow_replacing(fd, to);
	dup_begin(call, fd);
}

/* flags: O_CLOEXEC, as of dup3(). */
static int dup_end(const struct call *call, int copy, int flags)
{
	call_end(call, copy, 0, copy >= 0 ? (uint64_t)copy : 0);
	if (copy >= 0)
		flow_duplicated(call->fd, copy);
	if (copy >= 0 && flags & O_CLOEXEC)
		flow_closes_on_exec(copy, true);
	return copy;
}

EXPORT int dup(int fd)
{
	struct call call;

	dup_begin(&call, fd);
	return dup_end(&call, real()->dup(fd), 0);
}

EXPORT int dup2(int fd, int to)
{
	struct call call;

	dup_over_begin(&call, fd, to);
	return dup_end(&call, real()->dup2(fd, to), 0);
}

EXPORT int dup3(int fd, int to, int flags)
{
	struct call call;

	dup_over_begin(&call, fd, to);
	return dup_end(&call, real()->dup3(fd, to, flags), flags);
}

long raw_dup(const struct raw *raw)
{
	struct call call;

	dup_begin(&call, (int)raw->a[0]);
	return dup_end(&call, (int)raw_call(raw), 0);
}

#ifdef __NR_dup2
long raw_dup2(const struct raw *raw)
{
	struct call call;

	dup_over_begin(&call, (int)raw->a[0], (int)raw->a[1]);
	return dup_end(&call, (int)raw_call(raw), 0);
}
#endif

long raw_dup3(const struct raw *raw)
{
	struct call call;

	dup_over_begin(&call, (int)raw->a[0], (int)raw->a[1]);
	return dup_end(&call, (int)raw_call(raw), (int)raw->a[2]);
}

EXPORT FILE *fdopen(int fd, const char *mode)
{
	flow_stdio(fd);
	return real()->fdopen(fd, mode);
}
