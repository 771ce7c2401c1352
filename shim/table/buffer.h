/* What a flow collects in user space under coalesce = "buffer".
 *
 * Pure but for the sink that it is given and a futex: no descriptor table, no rule, no clock. One
 * thread is inside at a time; a signal handler that finds its own thread inside cannot wait for it
 * and ends the buffer (buffer_end()), whether the interrupted call goes on afterwards or not. */
#ifndef SOCKFIX_BUFFER_H
#define SOCKFIX_BUFFER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Pieces of one write that buffer_send() takes; with more of them the pending bytes go alone. */
#define BUFFER_PIECES 15

struct sink {
	/* Sends pieces in one call; flags as of send(2). Returns the bytes taken or -errno. Must
	 * not sleep: a call that the kernel restarts would send a withdrawn piece again. */
	long (*send)(int fd, struct iovec *piece, int pieces, int flags);
	/* Waits until it may take more; false: it is not worth it any more. */
	bool (*wait)(int fd);
	/* How many bytes the socket has taken since it was connected; -1: it cannot tell. */
	int64_t (*taken)(int fd);
};

/* `filled`: bytes[first..used) are pending, used in the low 32 bits, first above; ENDED: nothing is
 * collected any more, for good. One word, so that a signal handler never sees half a step. */
#define BUFFER_ENDED (UINT64_C(1) << 63)

struct buffer {
	_Atomic uint64_t filled;
	_Atomic uint32_t owner; /* futex: thread id of who is inside, 0: nobody */
	_Atomic uint32_t waiters;
	_Atomic int error; /* errno of a flush that no call of the program made; for the next */
	/* What the owner is about to give to the sink, or just has; its first piece are the pending
	 * bytes. A handler that comes before the sink has looked makes that piece empty. */
	struct iovec *_Atomic sending;
	bool withdrawn;		   /* and says so */
	uint64_t before;	   /* `filled` when `sending` began */
	int64_t taken;		   /* by the socket until then */
	uint32_t size, limit;	   /* bytes there are, bytes to collect */
	uint32_t room;		   /* of these, for how many the kernel had room; the owner's */
	_Atomic int writers;	   /* threads whose writes wait in the kernel */
	uint32_t collected;	   /* writes whose bytes were, for all flows that have had it */
	uintptr_t known, known_to; /* pages that were found readable since the last flush */
	char *bytes;
};

/* A buffer of `limit` bytes, never freed: flows reuse it. NULL without memory. */
struct buffer *buffer_new(uint32_t limit);

/* Empty, not ended; limit: at most the one it was made with. */
void buffer_reset(struct buffer *buffer, uint32_t limit);

/* Goes inside as thread `tid`. 0; -EDEADLK: that thread is inside already, see above; -EAGAIN:
 * somebody is, and `wait` is false. Keeps errno, as all here. */
int buffer_enter(struct buffer *buffer, uint32_t tid, bool wait);
void buffer_leave(struct buffer *buffer);

/* The functions below want to be inside. */

static inline uint32_t buffer_pending(const struct buffer *buffer)
{
	uint64_t filled = atomic_load_explicit(&buffer->filled, memory_order_relaxed);

	return filled & BUFFER_ENDED ? 0 : (uint32_t)filled - (uint32_t)(filled >> 32);
}

/* Takes the pieces in, if they all fit below `limit` and `room`. Returns their length; -EFAULT: one
 * cannot be read; -ENOSPC: too much; -ENOLINK: ended. */
long buffer_add(struct buffer *buffer, const struct iovec *piece, int pieces);

/* Sends what is pending and then the pieces (none: 0), in one call. Returns how many bytes of the
 * pieces were taken; -ENODATA: all that was pending went, of the pieces nothing; -EINPROGRESS:
 * a part of what was pending went, a further call may go on; -ENOLINK: the buffer is ended, of the
 * pieces nothing was taken; else -errno of the sink. */
long buffer_send(struct buffer *buffer, const struct sink *sink, int fd, const struct iovec *piece,
	int pieces, int flags);

/* Inside, or after -EDEADLK: ends the buffer and sends what is pending. 0 or -errno: what could not
 * be sent is lost. */
int buffer_end(struct buffer *buffer, const struct sink *sink, int fd);

#endif
