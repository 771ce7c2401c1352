/* Room in the kernel, under coalesce = "buffer"; for flow/flush.c alone. */
#ifndef SOCKFIX_FLOW_ROOM_H
#define SOCKFIX_FLOW_ROOM_H

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "shim/table/buffer.h"
#include "shim/table/fdtab.h"

/* Whether a write with these flags may wait. */
static inline bool room_may_wait(const struct flow *flow, int flags)
{
	return !(flags & MSG_DONTWAIT) && !flow_is(flow, FLOW_NONBLOCK);
}

/* Whether -errno of a send says that all that follow will fail, too. */
static inline bool room_error_lasts(long error)
{
	return error != -EAGAIN && error != -EINTR && error != -ENOBUFS && error != -ENOMEM;
}

/* Inside, before the first bytes are collected: sets buffer->room. False: they go by themselves. */
bool room_is_there(struct buffer *buffer, int fd);

/* How a write goes on in the kernel: not at all, from its begin, or with its rest. */
enum room_onward { ROOM_DONE, ROOM_WHOLE, ROOM_REST };

/* Inside: how one goes on that collecting has answered with `got`. Who does is counted from here
 * on, before others can look. */
enum room_onward room_onward(
	struct flow *flow, long got, const struct iovec *piece, int pieces, int flags);

/* Outside: as it was said. Return what the program's call returns, with errno; done: the bytes that
 * are taken already, in at most BUFFER_PIECES pieces. */
long room_write(struct flow *flow, int fd, struct iovec *piece, int pieces, int flags);
long room_write_rest(
	struct flow *flow, int fd, const struct iovec *piece, int pieces, int flags, long done);

/* Outside: waits for room for what is pending. False: no longer, SO_SNDTIMEO says so. */
bool room_wait(int fd);

#endif
