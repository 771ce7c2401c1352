/* Hooks of the calls that send by themselves, by their names and by their numbers: they are passed
 * on, and take along what is held. Thin.
 */
#include "shim/export.h"
#include "shim/hook/pass.h"
#include "shim/hook/raw.h"

/* On a socket only an offset of -1 is no error. */
static void begin_at(struct call *call, int fd, off64_t offset)
{
	pass_begin(call, TRACE_WRITEV, offset == -1 ? flow_of(fd) : NULL, fd, 0);
}

static ssize_t end_at(
	const struct call *call, ssize_t got, const struct iovec *piece, size_t pieces)
{
	return pass_end(call, got, got > 0 && call->recorded ? pieces_length(piece, pieces) : 0);
}

EXPORT ssize_t pwritev2(int fd, const struct iovec *piece, int pieces, off_t offset, int flags)
{
	struct call call;

	begin_at(&call, fd, offset);
	return end_at(
		&call, real()->pwritev2(fd, piece, pieces, offset, flags), piece, (size_t)pieces);
}

EXPORT ssize_t pwritev64v2(int fd, const struct iovec *piece, int pieces, off64_t offset, int flags)
{
	struct call call;

	begin_at(&call, fd, offset);
	return end_at(&call, real()->pwritev64v2(fd, piece, pieces, offset, flags), piece,
		(size_t)pieces);
}

/* Both halves of the offset are one long here. */
long raw_pwritev2(const struct raw *raw)
{
	struct call call;

	begin_at(&call, (int)raw->a[0], raw->a[3]);
	return end_at(&call, raw_call(raw), (const struct iovec *)raw->a[1], (size_t)raw->a[2]);
}

EXPORT ssize_t sendfile(int to, int from, off_t *offset, size_t n)
{
	struct call call;

	pass_begin(&call, TRACE_SENDFILE, flow_of(to), to, 0);
	return pass_end(&call, real()->sendfile(to, from, offset, n), n);
}

EXPORT ssize_t sendfile64(int to, int from, off64_t *offset, size_t n)
{
	struct call call;

	pass_begin(&call, TRACE_SENDFILE, flow_of(to), to, 0);
	return pass_end(&call, real()->sendfile64(to, from, offset, n), n);
}

long raw_sendfile(const struct raw *raw)
{
	struct call call;

	pass_begin(&call, TRACE_SENDFILE, flow_of((int)raw->a[0]), (int)raw->a[0], 0);
	return pass_end(&call, raw_call(raw), (size_t)raw->a[3]);
}

/* From a flow, it reads it, and may wait for that. */
struct splicing {
	struct call in, out;
	bool tell; /* flow_read_end() is to hear of it */
};

static void splice_begin(struct splicing *splicing, int from, int to, unsigned flags)
{
	const int reads = flags & SPLICE_F_NONBLOCK ? MSG_DONTWAIT : 0;
	struct flow *source = flow_of(from);

	splicing->tell = source && flow_read_begin(source, from, reads);
	if (!source)
		flow_read_other(from);
	pass_begin(&splicing->out, TRACE_SPLICE, flow_of(to), to, 0);
	call_begin(&splicing->in, TRACE_READ, source, from, reads);
}

static ssize_t splice_end(const struct splicing *splicing, ssize_t got, size_t n)
{
	call_end_read(&splicing->in, got, n);
	if (splicing->tell)
		flow_read_end(splicing->in.flow, splicing->in.fd, splicing->in.flags, got);
	return pass_end(&splicing->out, got, n);
}

EXPORT ssize_t splice(
	int from, off64_t *from_offset, int to, off64_t *to_offset, size_t n, unsigned int flags)
{
	struct splicing splicing;

	splice_begin(&splicing, from, to, flags);
	return splice_end(&splicing, real()->splice(from, from_offset, to, to_offset, n, flags), n);
}

long raw_splice(const struct raw *raw)
{
	struct splicing splicing;

	splice_begin(&splicing, (int)raw->a[0], (int)raw->a[2], (unsigned)raw->a[5]);
	return splice_end(&splicing, raw_call(raw), (size_t)raw->a[4]);
}
