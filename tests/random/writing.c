/* Every way to write on a connection, in both spellings. Each answers as write() does; the loop
 * that writes all is one for all, in writes.c. */
#include "writing.h"

#include <stdarg.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define VECTORS	 8
#define MESSAGES 4

int __dprintf_chk(int fd, int flag, const char *format, ...);
int __vdprintf_chk(int fd, int flag, const char *format, va_list list);

/* Cuts what is to be written into vectors, some of them empty. */
static int cut(const struct written *w, struct iovec vector[VECTORS])
{
	struct step step = *w->step;
	int count = 1 + (int)step_draw(&step, VECTORS), used = 0;
	size_t left = w->length;

	for (; used < count - 1; used++) {
		size_t part = step_draw(&step, 4) ? left / 2 : 0;

		vector[used] = (struct iovec){w->bytes + (w->length - left), part};
		left -= part;
	}
	vector[used] = (struct iovec){w->bytes + (w->length - left), left};
	return count;
}

static ssize_t by_write(const struct written *w)
{
	return write(w->fd, w->bytes, w->length);
}

static ssize_t by_sys_write(const struct written *w)
{
	return syscall(SYS_write, w->fd, w->bytes, w->length);
}

static ssize_t by_writev(const struct written *w)
{
	struct iovec vector[VECTORS];

	return writev(w->fd, vector, cut(w, vector));
}

static ssize_t by_sys_writev(const struct written *w)
{
	struct iovec vector[VECTORS];

	return syscall(SYS_writev, w->fd, vector, cut(w, vector));
}

static ssize_t by_pwritev2(const struct written *w)
{
	struct iovec vector[VECTORS];

	return pwritev2(w->fd, vector, cut(w, vector), -1, 0);
}

static ssize_t by_pwritev64v2(const struct written *w)
{
	struct iovec vector[VECTORS];

	return pwritev64v2(w->fd, vector, cut(w, vector), -1, 0);
}

static ssize_t by_sys_pwritev2(const struct written *w)
{
	struct iovec vector[VECTORS];

	return syscall(SYS_pwritev2, w->fd, vector, cut(w, vector), -1L, -1L, 0);
}

static ssize_t by_send(const struct written *w)
{
	return send(w->fd, w->bytes, w->length, w->flags);
}

static ssize_t by_sendto(const struct written *w)
{
	return sendto(w->fd, w->bytes, w->length, w->flags, NULL, 0);
}

static ssize_t by_sys_sendto(const struct written *w)
{
	return syscall(SYS_sendto, w->fd, w->bytes, w->length, w->flags, NULL, 0);
}

static ssize_t by_sendmsg(const struct written *w)
{
	struct iovec vector[VECTORS];
	struct msghdr message = {.msg_iov = vector, .msg_iovlen = (size_t)cut(w, vector)};

	return sendmsg(w->fd, &message, w->flags);
}

static ssize_t by_sys_sendmsg(const struct written *w)
{
	struct iovec vector[VECTORS];
	struct msghdr message = {.msg_iov = vector, .msg_iovlen = (size_t)cut(w, vector)};

	return syscall(SYS_sendmsg, w->fd, &message, w->flags);
}

/* Each message one part; what the kernel took is the sum of those it says it sent. */
static ssize_t messages(const struct written *w, bool number)
{
	struct iovec vector[VECTORS];
	struct mmsghdr message[MESSAGES] = {{{0}, 0}};
	int count = cut(w, vector), sent;
	ssize_t sum = 0;

	if (count > MESSAGES) {
		count = 1;
		vector[0] = (struct iovec){w->bytes, w->length};
	}
	for (int i = 0; i < count; i++)
		message[i].msg_hdr = (struct msghdr){.msg_iov = &vector[i], .msg_iovlen = 1};
	sent = number ? (int)syscall(SYS_sendmmsg, w->fd, message, count, w->flags)
		      : sendmmsg(w->fd, message, (unsigned)count, w->flags);
	for (int i = 0; i < sent; i++)
		sum += message[i].msg_len;
	return sent < 0 ? sent : sum;
}

static ssize_t by_sendmmsg(const struct written *w)
{
	return messages(w, false);
}

static ssize_t by_sys_sendmmsg(const struct written *w)
{
	return messages(w, true);
}

/* A file with what is to be written, made by raw calls. */
static int file_of(const struct written *w)
{
	int file = (int)RAW3(SYS_memfd_create, "file", MFD_CLOEXEC, 0);

	NEED(file >= 0 && RAW3(SYS_write, file, w->bytes, w->length) == (long)w->length);
	return file;
}

static ssize_t by_sendfile(const struct written *w)
{
	int file = file_of(w), error;
	off_t at = 0;
	ssize_t sent;

	errno = UNTOUCHED;
	sent = step_draw(&(struct step){.dice = w->length}, 2)
		       ? sendfile(w->fd, file, &at, w->length)
		       : syscall(SYS_sendfile, w->fd, file, &at, w->length);
	error = errno;
	RAW3(SYS_close, file, 0, 0);
	errno = error;
	return sent;
}

static ssize_t by_sendfile64(const struct written *w)
{
	int file = file_of(w), error;
	off64_t at = 0;
	ssize_t sent;

	errno = UNTOUCHED;
	sent = sendfile64(w->fd, file, &at, w->length);
	error = errno;
	RAW3(SYS_close, file, 0, 0);
	errno = error;
	return sent;
}

/* From a pipe, which has room for `most` bytes. What the socket did not take is written anew. */
static ssize_t spliced(const struct written *w, bool number)
{
	int pair[2], error;
	ssize_t sent;

	NEED(RAW3(SYS_pipe2, pair, O_CLOEXEC, 0) == 0);
	NEED(RAW3(SYS_write, pair[1], w->bytes, w->length) == (long)w->length);
	RAW3(SYS_close, pair[1], 0, 0);
	errno = UNTOUCHED;
	sent = number ? syscall(SYS_splice, pair[0], NULL, w->fd, NULL, w->length, 0)
		      : splice(pair[0], NULL, w->fd, NULL, w->length, 0);
	error = errno;
	RAW3(SYS_close, pair[0], 0, 0);
	errno = error;
	return sent;
}

static ssize_t by_splice(const struct written *w)
{
	return spliced(w, false);
}

static ssize_t by_sys_splice(const struct written *w)
{
	return spliced(w, true);
}

/* Four bytes, whatever they are: "%c" prints a NUL, too. */
#define FOUR(w) "%c%c%c%c", (w)->bytes[0], (w)->bytes[1], (w)->bytes[2], (w)->bytes[3]

static ssize_t by_dprintf(const struct written *w)
{
	return w->length < 4 ? dprintf(w->fd, "%c", w->bytes[0]) : dprintf(w->fd, FOUR(w));
}

static ssize_t by_dprintf_chk(const struct written *w)
{
	return w->length < 4 ? __dprintf_chk(w->fd, 1, "%c", w->bytes[0])
			     : __dprintf_chk(w->fd, 1, FOUR(w));
}

__attribute__((format(printf, 3, 4))) static ssize_t listed(
	bool checked, int fd, const char *format, ...)
{
	va_list list;
	int answer;

	va_start(list, format);
	answer = checked ? __vdprintf_chk(fd, 1, format, list) : vdprintf(fd, format, list);
	va_end(list);
	return answer;
}

static ssize_t by_vdprintf(const struct written *w)
{
	return w->length < 4 ? listed(false, w->fd, "%c", w->bytes[0])
			     : listed(false, w->fd, FOUR(w));
}

static ssize_t by_vdprintf_chk(const struct written *w)
{
	return w->length < 4 ? listed(true, w->fd, "%c", w->bytes[0])
			     : listed(true, w->fd, FOUR(w));
}

const struct writing writing[] = {
	{"write", by_write, 0},
	{"write", by_write, 0},
	{"SYS_write", by_sys_write, 0},
	{"writev", by_writev, 0},
	{"SYS_writev", by_sys_writev, 0},
	{"pwritev2", by_pwritev2, 0},
	{"pwritev64v2", by_pwritev64v2, 0},
	{"SYS_pwritev2", by_sys_pwritev2, 0},
	{"send", by_send, WITH_FLAGS},
	{"send", by_send, WITH_FLAGS},
	{"sendto", by_sendto, WITH_FLAGS},
	{"SYS_sendto", by_sys_sendto, WITH_FLAGS},
	{"sendmsg", by_sendmsg, WITH_FLAGS},
	{"SYS_sendmsg", by_sys_sendmsg, WITH_FLAGS},
	{"sendmmsg", by_sendmmsg, WITH_FLAGS},
	{"SYS_sendmmsg", by_sys_sendmmsg, WITH_FLAGS},
	{"sendfile", by_sendfile, FROM_FILE},
	{"sendfile64", by_sendfile64, FROM_FILE},
	{"splice", by_splice, FROM_FILE},
	{"SYS_splice", by_sys_splice, FROM_FILE},
	{"dprintf", by_dprintf, PRINTS},
	{"vdprintf", by_vdprintf, PRINTS},
	{"__dprintf_chk", by_dprintf_chk, PRINTS},
	{"__vdprintf_chk", by_vdprintf_chk, PRINTS},
};

const unsigned writings = COUNT_OF(writing);
