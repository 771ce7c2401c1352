/* Hooks of the calls that end or copy descriptors. The table changes before a descriptor can be
 * used again by another thread: before a close, after a dup. Thin: flow/life.c decides.
 */
#include <errno.h>
#include <linux/close_range.h>

#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/real.h"

EXPORT int close(int fd)
{
	flow_closing(fd);
	return real()->close(fd);
}

EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	if (!(flags & ~CLOSE_RANGE_UNSHARE))
		flow_closing_range(first, last);
	return real()->close_range(first, last, flags);
}

EXPORT void closefrom(int first)
{
	flow_closing_range(first < 0 ? 0 : (unsigned)first, ~0u);
	real()->closefrom(first);
}

EXPORT int shutdown(int fd, int how)
{
	struct flow *flow = flow_of(fd);

	if (flow)
		flow_ending(flow, how);
	return real()->shutdown(fd, how);
}

EXPORT int dup(int fd)
{
	int copy = real()->dup(fd);

	if (copy >= 0)
		flow_duplicated(fd, copy);
	return copy;
}

EXPORT int dup2(int fd, int to)
{
	int copy;

	flow_replacing(fd, to);
	copy = real()->dup2(fd, to);
	if (copy >= 0)
		flow_duplicated(fd, copy);
	return copy;
}

EXPORT int dup3(int fd, int to, int flags)
{
	int copy;

	flow_replacing(fd, to);
	copy = real()->dup3(fd, to, flags);
	if (copy >= 0) {
		flow_duplicated(fd, copy);
		flow_closes_on_exec(copy, flags & O_CLOEXEC);
	}
	return copy;
}

EXPORT FILE *fdopen(int fd, const char *mode)
{
	flow_stdio(fd);
	return real()->fdopen(fd, mode);
}

EXPORT int fclose(FILE *stream)
{
	int saved = errno, fd = stream ? fileno_unlocked(stream) : -1;

	errno = saved; /* a stream in memory has none, and is no error */
	if (fd >= 0)
		flow_closing(fd);
	return real()->fclose(stream);
}

EXPORT int fcloseall(void)
{
	flow_push_all();
	return real()->fcloseall();
}
