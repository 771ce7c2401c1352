/* Collecting in user space: add, send, and the one hard case, a signal handler on top of both.
 *
 * Bytes count from the step of `filled` that follows their copy until the step that follows the
 * sink's answer. A handler that comes before that one is told by the socket's own count of bytes
 * what the interrupted call cannot tell. Must not lose, nor repeat, a byte that was counted. */
#include "shim/table/buffer.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/socket.h>

#include "shim/base/kernel.h"
#include "shim/base/memory.h"
#include "shim/base/page.h"

#define PAGE	   4096u
#define MANY_LOOKS 100

static size_t whole_size(uint32_t limit)
{
	return (sizeof(struct buffer) + limit + PAGE - 1) / PAGE * PAGE;
}

struct buffer *buffer_new(uint32_t limit)
{
	struct buffer *buffer = page_map(whole_size(limit));

	if (!buffer)
		return NULL;
	/* A child that nobody saw being made must not send its parent's bytes again. */
	if (!page_wipe_on_fork(buffer, whole_size(limit))) {
		page_unmap(buffer, whole_size(limit));
		return NULL;
	}
	buffer->size = buffer->limit = buffer->room = limit;
	buffer->bytes = (char *)(buffer + 1);
	return buffer;
}

void buffer_reset(struct buffer *buffer, uint32_t limit)
{
	atomic_store(&buffer->error, 0);
	atomic_store(&buffer->sending, NULL);
	buffer->withdrawn = false;
	atomic_store(&buffer->filled, 0);
	buffer->limit = buffer->room = limit;
}

static void sleep_while(struct buffer *buffer, uint32_t owner)
{
	atomic_fetch_add(&buffer->waiters, 1);
	kernel_call(SYS_futex, &buffer->owner, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, owner, NULL);
	atomic_fetch_sub(&buffer->waiters, 1);
}

int buffer_enter(struct buffer *buffer, uint32_t tid, bool wait)
{
	for (uint32_t looks = 0;; looks++) {
		uint32_t owner = 0;

		if (atomic_compare_exchange_strong(&buffer->owner, &owner, tid))
			return 0;
		if (owner == tid)
			return -EDEADLK;
		if (!wait)
			return -EAGAIN;
		if (looks > MANY_LOOKS)
			sleep_while(buffer, owner);
	}
}

void buffer_leave(struct buffer *buffer)
{
	atomic_store(&buffer->owner, 0);
	if (atomic_load(&buffer->waiters))
		kernel_call(SYS_futex, &buffer->owner, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX);
}

/* What could be read is not asked for again before the next flush: writes come from one place, or
 * from two or three that adjoin. */
static void remember(struct buffer *buffer, uintptr_t from, uintptr_t to)
{
	bool adjoins = from <= buffer->known_to && to >= buffer->known;

	if (!adjoins || from < buffer->known)
		buffer->known = from;
	if (!adjoins || to > buffer->known_to)
		buffer->known_to = to;
}

/* Whether the program's bytes can be read. */
static bool readable(struct buffer *buffer, const struct iovec *piece)
{
	uintptr_t from = (uintptr_t)piece->iov_base / PAGE * PAGE;
	uintptr_t to = ((uintptr_t)piece->iov_base + piece->iov_len + PAGE - 1) / PAGE * PAGE;

	if (piece->iov_len == 0)
		return true;
	if (from >= buffer->known && to <= buffer->known_to && from < to)
		return true;
	if (!memory_readable(piece->iov_base, piece->iov_len))
		return false;
	remember(buffer, from, to);
	return true;
}

static uint32_t first_of(uint64_t filled)
{
	return (uint32_t)((filled & ~BUFFER_ENDED) >> 32);
}

static uint32_t used_of(uint64_t filled)
{
	return (uint32_t)filled;
}

/* False: the buffer was ended meanwhile. */
static bool step(struct buffer *buffer, uint64_t from, uint64_t to)
{
	return atomic_compare_exchange_strong(&buffer->filled, &from, to);
}

long buffer_add(struct buffer *buffer, const struct iovec *piece, int pieces)
{
	uint64_t filled = atomic_load(&buffer->filled);
	uint32_t at = used_of(filled);
	uint32_t most = buffer->room < buffer->limit ? buffer->room : buffer->limit;
	size_t length = 0, room = at < most ? most - at : 0;

	if (filled & BUFFER_ENDED)
		return -ENOLINK;
	for (int i = 0; i < pieces; i++) {
		if (piece[i].iov_len > room - length)
			return -ENOSPC;
		length += piece[i].iov_len;
	}
	for (int i = 0; i < pieces; i++) {
		if (!readable(buffer, &piece[i]))
			return -EFAULT;
		memcpy(buffer->bytes + at, piece[i].iov_base, piece[i].iov_len);
		at += (uint32_t)piece[i].iov_len;
	}
	return step(buffer, filled, filled + length) ? (long)length : -ENOLINK;
}

/* Makes room behind what is pending, where the two places do not overlap. */
static void move_to_front(struct buffer *buffer, uint64_t filled)
{
	uint32_t first = first_of(filled), pending = used_of(filled) - first;

	if (first == 0 || pending > first)
		return;
	memcpy(buffer->bytes, buffer->bytes + first, pending);
	step(buffer, filled, pending);
}

/* What is pending, then the program's pieces; all: room for one more. Returns their count. */
static int list_pieces(
	struct buffer *buffer, struct iovec *all, const struct iovec *piece, int pieces)
{
	uint32_t pending = buffer_pending(buffer);
	int count = 0;

	if (pending)
		all[count++] = (struct iovec){buffer->bytes + first_of(buffer->before), pending};
	if (pieces > 0)
		memcpy(all + count, piece, (size_t)pieces * sizeof(*piece));
	return count + pieces;
}

/* The buffer was ended while its bytes were on their way: what of `got` are the program's. */
static long after_end(const struct buffer *buffer, long pending, long got)
{
	if (!buffer->withdrawn)
		got -= pending;
	return got > 0 ? got : -ENOLINK;
}

long buffer_send(struct buffer *buffer, const struct sink *sink, int fd, const struct iovec *piece,
	int pieces, int flags)
{
	long pending = buffer_pending(buffer), got;
	struct iovec all[1 + BUFFER_PIECES];
	uint64_t left;
	int count;

	if (atomic_load(&buffer->filled) & BUFFER_ENDED)
		return -ENOLINK;
	if (pieces > BUFFER_PIECES)
		pieces = 0; /* the caller's own call is to follow */
	if (!pending && pieces == 0)
		return -ENODATA;
	buffer->known = buffer->known_to = 0;
	buffer->before = atomic_load(&buffer->filled);
	buffer->taken = pending ? sink->taken(fd) : -1;
	count = list_pieces(buffer, all, piece, pieces);
	if (pending)
		atomic_store(&buffer->sending, all);
	got = sink->send(fd, all, count, flags);
	left = got >= pending ? 0 : buffer->before + ((uint64_t)(got > 0 ? got : 0) << 32);
	if (!step(buffer, buffer->before, left))
		return after_end(buffer, pending, got);
	atomic_store(&buffer->sending, NULL);
	move_to_front(buffer, left);
	if (got < 0)
		return got;
	if (got < pending)
		return -EINPROGRESS;
	return got == pending ? -ENODATA : got - pending;
}

/* From where on nothing has been sent, as the socket's count tells. Nothing at all: the interrupted
 * call may be yet to come, and must find nothing. */
static uint32_t unsent_from(struct buffer *buffer, const struct sink *sink, int fd)
{
	uint32_t first = first_of(buffer->before), pending = used_of(buffer->before) - first;
	int64_t now = buffer->taken >= 0 ? sink->taken(fd) : -1;

	if (now <= buffer->taken) {
		buffer->withdrawn = true;
		atomic_load(&buffer->sending)->iov_len = 0;
		return first;
	}
	return first + (now - buffer->taken < pending ? (uint32_t)(now - buffer->taken) : pending);
}

int buffer_end(struct buffer *buffer, const struct sink *sink, int fd)
{
	uint64_t filled = atomic_fetch_or(&buffer->filled, BUFFER_ENDED);
	uint32_t at = first_of(filled);

	if (filled & BUFFER_ENDED)
		return 0;
	if (atomic_load(&buffer->sending))
		at = unsent_from(buffer, sink, fd);
	while (at < used_of(filled)) {
		struct iovec rest = {buffer->bytes + at, used_of(filled) - at};
		long got = sink->send(fd, &rest, 1, MSG_NOSIGNAL);

		if (got == -EINTR || (got == -EAGAIN && sink->wait(fd)))
			continue;
		if (got < 0)
			return (int)got;
		at += (uint32_t)got;
	}
	return 0;
}
