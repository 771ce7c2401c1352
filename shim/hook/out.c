/* The one way of bytes that may be held or collected. A held write is sendto or sendmsg with
 * MSG_MORE instead of the call that the program made; the kernel does the rest.
 *
 * Must not decide: flow.c does. Must not look at the program's pieces before the kernel has, unless
 * they can be read. */
#include "shim/hook/out.h"

#include <errno.h>
#include <limits.h>

#include "shim/base/memory.h"
#include "shim/flow/flow.h"
#include "shim/record/call.h"

const struct sockaddr out_nowhere = {.sa_family = 0xffff};

long out_raw(const struct out *out)
{
	return raw_call(out->raw);
}

static long held_bytes(const struct out *out, int flags)
{
	const void *bytes = out->bytes.iov_base;
	const size_t n = out->bytes.iov_len;

	if (out->raw)
		return raw_call(&(struct raw){RAW_WITHIN(SYS_SENDTO).number = SYS_sendto,
			.a = {out->fd, (long)bytes, (long)n, flags, (long)&out_nowhere,
				OUT_NOWHERE}});
	return real()->sendto(out->fd, bytes, n, flags, &out_nowhere, OUT_NOWHERE);
}

static long held_pieces(const struct out *out, int flags)
{
	struct msghdr message = {.msg_name = (void *)(uintptr_t)&out_nowhere,
		.msg_namelen = OUT_NOWHERE,
		.msg_iov = (struct iovec *)(uintptr_t)out->piece,
		.msg_iovlen = (size_t)out->pieces};

	if (out->raw)
		return raw_call(&(struct raw){RAW_WITHIN(SYS_SENDMSG).number = SYS_sendmsg,
			.a = {out->fd, (long)&message, flags}});
	return real()->sendmsg(out->fd, &message, flags);
}

static long held(const struct out *out, int flags)
{
	return out->in_bytes ? held_bytes(out, flags) : held_pieces(out, flags);
}

bool out_refused(void)
{
	switch (errno) {
	case ENOTSOCK:
	case EINVAL:
	case EISCONN:
	case EOPNOTSUPP:
	case EAFNOSUPPORT:
	case EPERM:
	case EACCES:
	case ENOSYS:
		return true;
	default:
		return false;
	}
}

/* If it was taken, fd is not what we think. */
long out_again(int fd, long got)
{
	if (got >= 0)
		flow_lost(fd);
	return got;
}

/* The pieces can be read once the kernel has read them: it has where it took some. */
static size_t length_after(const struct out *out, long got)
{
	if (out->in_bytes)
		return out->bytes.iov_len;
	return got > 0 ? pieces_length(out->piece, (size_t)out->pieces) : 0;
}

/* writev() of nothing is 0 whatever the state of the connection: the socket is never asked
 * (lib/iov_iter.c, import_iovec; fs/read_write.c, do_iter_readv_writev). sendmsg() asks it. */
static bool is_nothing(const struct out *out)
{
	return out->way->what == TRACE_WRITEV &&
	       memory_readable(out->piece, (size_t)out->pieces * sizeof(*out->piece)) &&
	       pieces_length(out->piece, (size_t)out->pieces) == 0;
}

/* No program means a length beyond INT_MAX: it is what read() has answered to an error, say.
 * write() refuses it where sendto() would take what is there (fs/read_write.c, vfs_write;
 * net/socket.c), so that one goes as it is; so do pieces that sendmsg() would refuse in other words
 * than writev(), EMSGSIZE for EINVAL. */
static int out_begin(const struct out *out)
{
	if (out->pieces <= 0 || out->pieces > IOV_MAX)
		return WRITE_PLAIN;
	if (!out->in_bytes || out->bytes.iov_len <= INT_MAX)
		return flow_write_begin(out->flow, out->fd, out->flags);
	flow_pass_begin(out->flow, out->fd);
	return 0;
}

/* Where the buffer is: what is read into the same place and written from it is passed on. */
static const void *buffer_of(const struct out *out, long got)
{
	if (out->in_bytes)
		return out->bytes.iov_base;
	return out->message && out->pieces == 1 && got > 0 ? out->piece->iov_base : NULL;
}

static void out_begins(const struct out *out, struct call *call)
{
	call_begin(call, out->way->what, out->flow, out->fd, out->flags);
}

/* held: MSG_MORE where we keep its bytes back. */
static long out_ends(const struct out *out, struct call *call, int held, long got)
{
	if (__builtin_expect(call->recorded, 0)) {
		call->flags |= held;
		call_at(call, buffer_of(out, got));
		call_write_recorded(call, got, length_after(out, got));
	}
	return got;
}

static long out_collect(const struct out *out)
{
	struct call call;
	long got;

	if (!memory_readable(out->piece, (size_t)out->pieces * sizeof(*out->piece)))
		return COLLECT_PLAIN;
	out_begins(out, &call);
	got = flow_collect(out->flow, out->fd, out->piece, out->pieces, out->flags);
	return got == COLLECT_PLAIN ? got : out_ends(out, &call, MSG_MORE, got);
}

/* The only place where the kernel is asked: by the held form where more says so, and where that is
 * refused, or nothing is to be held, as the program asked. Returns 0 in *more where it was not
 * taken by the held form. */
static long out_call(const struct out *out, int *more)
{
	struct call call;
	long got;

	out_begins(out, &call);
	got = *more ? held(out, out->flags | *more) : out->way->plain(out);
	if (!*more || got >= 0 || !out_refused())
		return out_ends(out, &call, *more, got);
	*more = 0;
	return out_ends(out, &call, 0, out->way->plain(out));
}

static long out_send_plain(const struct out *out)
{
	int more = 0;

	return out_call(out, &more);
}

long out_send(const struct out *out)
{
	int more = out_begin(out), taken;
	uint64_t before;
	long got;

	if (more == WRITE_COLLECT && (got = out_collect(out)) != COLLECT_PLAIN)
		return got;
	if (more < 0 || (more && is_nothing(out)))
		return out_send_plain(out);
	taken = more;
	before = atomic_load(&out->flow->held);
	got = out_call(out, &taken);
	if (taken == more)
		flow_write_end(out->flow, out->fd, got, length_after(out, got), more, before);
	else
		out_again(out->fd, got);
	return got;
}
